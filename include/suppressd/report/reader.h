// Reads a mail and says what it reports.
//
// Any bytes are a mail: what cannot be read is not_a_report. Time and memory are bounded, whatever the mail
// contains (limits below): what is beyond a limit is ignored, and never an error. Recipients come from the
// fields and lines in which a report names them, never from its free text. Pure functions, safe from any
// thread.
#pragma once

#include <cstddef>
#include <string_view>

#include "suppressd/base/result.h"
#include "suppressd/report/report.h"

namespace suppressd {

inline constexpr std::size_t kReportBytes =
    std::size_t{1} << 20;  ///< How much of a mail is read. Whoever collects one may stop here.
inline constexpr std::size_t kReportHeaderBytes = std::size_t{256} << 10;  ///< Of one header block.
inline constexpr int kReportDepth = 20;                                    ///< Parts within parts.
inline constexpr int kReportParts = 200;
inline constexpr std::size_t kReportRecipients = 1000;

/// Whether this program was built with the report parser (SUPPRESSD_REPORTS).
bool reports_built_in();

/// Line ends may be CRLF, LF or CR; an mbox `From ` line before the header is skipped. The envelope sender
/// counts if a Return-Path field has it: a caller who knows it puts that field in front. The only Error:
/// reports are not built in.
Result<Report> read_report(std::string_view mail);

}  // namespace suppressd
