// bench_noop_milter SOCKET: a milter that is asked about every recipient and says yes. It negotiates away all
// other steps, so that what a list costs can be told from what being asked at all costs.
#include <cstdio>

#include <libmilter/mfapi.h>
#include <libmilter/mfdef.h>

namespace {

sfsistat negotiate(SMFICTX* context, unsigned long actions, unsigned long protocol, unsigned long,
                   unsigned long, unsigned long* wanted, unsigned long* skipped, unsigned long* rest1,
                   unsigned long* rest2) {
  constexpr unsigned long kSkipped = SMFIP_NOCONNECT | SMFIP_NOHELO | SMFIP_NOMAIL | SMFIP_NODATA |
                                     SMFIP_NOHDRS | SMFIP_NOEOH | SMFIP_NOBODY | SMFIP_NOUNKNOWN;
  char macros[] = "i {rcpt_addr} {rcpt_mailer}";
  *wanted = actions & SMFIF_SETSYMLIST;
  *skipped = protocol & kSkipped;
  *rest1 = *rest2 = 0;
  if (*wanted != 0) smfi_setsymlist(context, SMFIM_ENVRCPT, macros);
  return SMFIS_CONTINUE;
}

sfsistat recipient(SMFICTX*, char**) {
  return SMFIS_CONTINUE;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: bench_noop_milter SOCKET\n");
    return 2;
  }
  char name[] = "noop";
  smfiDesc description{};
  description.xxfi_name = name;
  description.xxfi_version = SMFI_VERSION;
  description.xxfi_flags = SMFIF_SETSYMLIST;
  description.xxfi_negotiate = negotiate;
  description.xxfi_envrcpt = recipient;
  if (smfi_register(description) != MI_SUCCESS || smfi_setconn(argv[1]) != MI_SUCCESS ||
      smfi_opensocket(1) != MI_SUCCESS) {
    std::fprintf(stderr, "bench_noop_milter: cannot serve on %s\n", argv[1]);
    return 1;
  }
  return smfi_main() == MI_SUCCESS ? 0 : 1;
}
