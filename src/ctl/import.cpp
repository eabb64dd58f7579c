#include <fstream>
#include <iterator>

#include "suppressd/core/address.h"

#include "commands.h"
#include "json.h"
#include "spam_rates_file.h"

namespace suppressd::ctl {
namespace {

struct Options {
  std::vector<std::string> postmaster;
  std::string domain;
};

Result<std::string> text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Error{path + ": cannot be read"};
  return std::string{std::istreambuf_iterator<char>(file), {}};
}

Status store(Ledger& ledger, const std::vector<SpamRate>& rates, Time now) {
  auto batch = ledger.begin();
  if (!batch) return batch.error();
  for (const auto& rate : rates)
    if (auto saved = batch->save(rate, now); !saved) return saved;
  return batch->commit();
}

void tell(Context& context, const std::string& path, const SpamRates& found) {
  auto& out = context.out();
  if (!out.json()) {
    out.line(path + ": " + count_of(found.rates.size(), "day", "days") + " stored" +
             (found.unknown > 0 ? ", " + std::to_string(found.unknown) + " without a rate" : "") +
             (found.wrong.empty() ? "" : ", " + std::to_string(found.wrong.size()) + " not read"));
    return;
  }
  Json json;
  json["file"] = path;
  json["stored"] = found.rates.size();
  json["unknown"] = found.unknown;
  json["wrong"] = found.wrong;
  out.object(json);
}

Result<int> import(Context& context, const Options& options) {
  std::string domain;
  if (!options.domain.empty()) {
    const auto entry = canonical_entry("@" + options.domain);
    if (!entry || entry->starts_with("@."))
      return Error{"--domain " + options.domain + ": that is no domain"};
    domain = domain_of(*entry);
  }
  std::vector<SpamRates> files;
  for (const auto& path : options.postmaster) {
    const auto text = text_of(path);
    if (!text) return text.error();
    auto found = read_spam_rates(*text, domain);
    if (!found) return Error{path + ": " + found.error().message};
    files.push_back(std::move(*found));
  }
  auto ledger = context.open_for_changes();
  if (!ledger) return ledger.error();
  int status = kSuccess;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (auto stored = store(*ledger, files[i].rates, context.now()); !stored) return stored.error();
    for (const auto& wrong : files[i].wrong) context.warn(options.postmaster[i] + ":" + wrong);
    if (!files[i].wrong.empty()) status = kNo;
    tell(context, options.postmaster[i], files[i]);
  }
  return status;
}

}  // namespace

void add_import(Program& program) {
  auto options = std::make_shared<Options>();
  auto* command = program.add("import", "Store spam rates of Google Postmaster Tools. Exit status 1: not all",
                              [options](Context& context) { return import(context, *options); });
  command
      ->add_option("--postmaster", options->postmaster,
                   "JSON of the API (trafficStats), or CSV with date and rate")
      ->type_name("FILE")
      ->required();
  command->add_option("--domain", options->domain, "The sender domain of a CSV file that does not name it")
      ->type_name("DOMAIN");
}

}  // namespace suppressd::ctl
