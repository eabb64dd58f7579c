#include "forms.h"

#include <array>

namespace suppressd::report {
namespace {

// An address in a line. `A` must not occur twice in one pattern.
// clang-format off
#define A R"re((?P<a>"[^"\n]{1,64}"@[^\s<>()"',;]{1,255}|[^\s<>()\[\]:;,"'@]{1,64}@[^\s<>()\[\]:;,"'@]{1,255}))re"
// Postfix: the address that it was made from.
#define FROM R"re((?:\s{1,8}\((?:expanded|generated) from[^)]{0,320}\))?)re"
// clang-format on

constexpr std::array kLines{
    // <user@example.com>: words
    LineForm{"angle-colon", R"re((?m)^<)re" A R"re(>)re" FROM R"re(:[ \t]*(?P<r>.*)$)re"},
    // the same after a blank line: what follows another line is a server's reply
    LineForm{"paragraph", R"re((?:\A|\n[ \t]*\n)<)re" A R"re(>)re" FROM R"re(:[ \t]*(?P<r>[^\n]*))re"},
    // user@example.com: words; also "user@example.com": and  <user@example.com>: at any margin
    LineForm{"colon", R"re((?m)^[ \t]*["<]?)re" A R"re([">]?:[ \t]*(?P<r>.*)$)re"},
    // the address alone, perhaps with a bullet, in brackets, or followed by its link (<mailto:...>)
    LineForm{"alone", R"re((?m)^[ \t]*(?:[*-]+ |>{1,3} |SMTP )?[<\["']?)re" A
                      R"re([>\]"']?[.,]?(?:[ \t]*<(?:mailto:)?[^\s<>]+@[^\s<>]+>)?[ \t]*$)re"},
    // both, at the left margin or two blanks from it: what is further right is a server's reply
    LineForm{"margin-colon", R"re((?m)^ {0,2}["<]?)re" A R"re([">]?:[ \t]*(?P<r>.*)$)re"},
    LineForm{"margin-alone", R"re((?m)^ {0,2}<?)re" A R"re(>?[ \t]*$)re"},
    // user@example.com on Thu, 1 Jan 2026 ...; user@example.com (words); [words]; ... words; - words
    LineForm{
        "remarked",
        R"re((?m)^[ \t]*<?)re" A
        R"re(>?[ \t]+(?:on \w{3}, .*|on [\d/.-]+ .*|(?P<r>[(\[].*|\.\.\. .*|- .*|[A-Z][^\n]*ERROR_CODE.*))$)re"},
    // 'user@example.com' on 21.11.2026 12:00, with the word for "on" in any language
    LineForm{"dated", R"re((?m)^[ \t]*['<]?)re" A
                      R"re(['>]?[ \t]+\S{1,12}[ \t]+\d{1,4}[./-]\d{1,2}[./-]\d{1,4}\b.*$)re"},
    // Recipient: <user@example.com>
    LineForm{
        "field",
        R"re((?m)(?i)^[ \t]*(?:(?:original|final|failed|undeliverable|undelivered|intended|envelope|e-?mail|mail|bad|invalid|target|destination|bounced|delivery)[ -]){0,3}(?:recipients?(?:[ -]address)?|error-for|address(?:ee)?|addressed to|rcpt to|destination|mailbox|destinat(?:aire|arios?|\S{1,2}rio|arul?)|empf\S{1,2}nger|adress(?:e|at)|ontvanger|mot?tagare|modtager|mottaker|vastaanottaja|odbiorca|p\S{1,2}\S{1,2}jemce|pr\S{1,2}jemca|c\S{1,2}mzett|al\S{1,2}c\S{1,2}|олучатель|держувач|тримувач|дресат|αραλήπτης|נמען|المستلم|收件人|宛先|受信者|수신자|받는 ?사람|ng\S{1,3}\S{0,3}i nh\S{1,3}n|penerima)[ \t]*[:=][ \t]*(?:\[?smtp:|rfc822;[ \t]*)?["'<]?)re" A
        R"re((?P<r>[>"'\]]?[^\n]*)$)re"},
    // 550 5.1.1 <user@example.com>... words
    LineForm{"transcript",
             R"re((?m)^[45]\d\d[ -](?:[45]\.\d{1,3}\.\d{1,3} )?<?)re" A R"re(>?\.\.\.[ \t]*(?P<r>.*)$)re"},
    // RCPT TO:<user@example.com> as a line of a dialogue
    LineForm{"rcpt", R"re((?m)(?i)^[ \t]*(?:sent|out|>>>|<<<|[: \t])*rcpt to:[ \t]*<?)re" A R"re(>?.*$)re"},
    // Sentences that name one address.
    LineForm{
        "delivering-to",
        R"re((?i)(?:deliver(?:ing|y of)?|deliver(?:ed)?)(?: (?:your|the|this|a))?(?: (?:mail|message|e-?mail))? to:?\s{1,4}["'<]?)re" A
        R"re([>"']?(?P<r>[^\n]*))re"},
    LineForm{"mail-to",
             R"re((?i)(?:mail|message|addressed)(?: you sent)?(?: was sent)? to:?\s{1,4}["'<]?)re" A
             R"re([>"']?(?P<r>[^\n]*))re"},
    LineForm{"last-word", R"re((?mi)^(?:[a-z]+ [^\n@<>:]{3,60}:|undeliverable (?:mail )?to:?)[ \t]+<?)re" A
                          R"re(>?[ \t]*$)re"},
    LineForm{"returned-errors", R"re((?i)(?:returned permanent errors:|rejected recipient)\s{1,4}<?)re" A
                                R"re([>.]?(?P<r>[^\n]*))re"},
    LineForm{"status-bracket", R"re((?i)\[Status: ?\w+, ?Address: ?<?)re" A R"re(>?,(?P<r>[^\n]*))re"},
    LineForm{"rejected", R"re((?i)your message to <?)re" A R"re(>? was automatically rejected:)re"},
    // XMail's Rcpt=[user@example.com];Error=[550 words]
    LineForm{"xmail", R"re((?i)\brcpt=\[)re" A R"re(\];?[ \t]*error=(?P<r>\[[^\n]*))re"},
    // What Exim could not read as an address, and why
    LineForm{"malformed", R"re((?m)^ {2}(?P<u>[^ \n][^\n]{0,300}?)(?:: |  )(?P<r>[^\n]*)$)re"},
    LineForm{"list", R"re((?i)mailing list\s{1,4}<)re" A R"re(>)re"},
};
#undef A
#undef FROM

constexpr std::array kForms{
    Form{"james", R"(james mail server)", "alone", WordsAt::shared},
    Form{"qmail",
         R"(this is the [\w.-]*qmail[\w.-]* program|i'm afraid i wasn't able to deliver your message)",
         "paragraph"},
    Form{"yahoo", R"(unable to deliver (?:your )?message to the following address)", "paragraph",
         WordsAt::behind, Sender::system},
    Form{
        "postfix",
        R"(this is the (?:postfix|mail) (?:program|system) at host|i'm sorry to have to inform you that (?:your|the) message)",
        "paragraph"},
    Form{"courier", R"(running the courier mail server|this is a delivery status notification from)",
         "paragraph"},
    Form{"opensmtpd", R"(this is the mailer-daemon, please do not reply)", "colon"},
    Form{"dragonfly", R"(this is the dragonfly mail agent)", "delivering-to"},
    Form{
        "exim",
        R"(this message was created automatically by (?:the )?mail delivery(?:(?s:.){0,400}?following address(?:\(es\)|es)?(?: has| have)?\s+failed:)?)",
        "margin-alone margin-colon remarked status-bracket"},
    Form{"dovecot", R"(your message to <?[^>\s]*>? was automatically rejected:)", "rejected", WordsAt::shared,
         Sender::null, true},
    Form{
        "exchange-5",
        R"(did not reach the following recipient|following recipient\(s\) could not be reached|did not reach some or all of the intended)",
        "remarked dated alone", WordsAt::behind, Sender::system},
    Form{
        "exchange",
        R"(delivery has failed to these recipients|diagnostic information for administrators|generating server:|original message headers:|serveur de g\S{1,2}n\S{1,2}ration|generierender server|servidor de generaci|server di generazione)",
        "alone"},
    Form{"domino", R"(your message\s+subject:[^\n]*\s+(?:was|were) not delivered to:)", "alone",
         WordsAt::behind, Sender::system},
    Form{"notes", R"(-{3,} failure reasons)", "alone", WordsAt::shared},
    Form{
        "gmail",
        R"(delivery to the following recipients? (?:has been |have been )?(?:failed|delayed)|your message wasn't delivered to|there was a problem delivering your message to|the email account that you tried to reach)",
        "alone delivering-to", WordsAt::shared, Sender::system},
    Form{"ironport", R"(delivery status notification\.?\s+delev?i?e?ry to the following recipients?)",
         "alone", WordsAt::shared, Sender::system},
    Form{"smail", R"(failed addresses follow)", "remarked alone", WordsAt::behind, Sender::system},
    Form{"sendmail-5", R"(^\s*-{3,} transcript of session follows)", "transcript", WordsAt::before},
    Form{"sendmail", R"(-{3,} ?the following addresses had|-{3,} transcript of session follows)",
         "alone remarked", WordsAt::transcript},
    Form{"sun", R"(this report relates to a message you sent)", "field", WordsAt::behind, Sender::system},
    Form{"mailmarshal", R"(following recipients were affected)", "alone", WordsAt::shared, Sender::system},
    Form{"m-filter", R"(-{3,} ?server message)", "alone", WordsAt::shared},
    Form{
        "intermail",
        R"(this message was undeliverable due to the following reason|undeliverable to the following|user's mail ?box|each of the following recipients was rejected|following recipients did not receive this message|the user\(s\) account is)",
        "field alone remarked", WordsAt::shared, Sender::system},
    Form{
        "imail",
        R"(^\s*(?:delivery failed \d+ attempts|user mailbox exceeds allowed size|unknown user|unknown host|invalid final delivery userid|user unknown|undeliverable to|undeliverable mail)\b)",
        "last-word", WordsAt::shared, Sender::system},
    Form{"kddi", R"(your mail (?:sent|attempted to be delivered) on[^\n]*\s+could not be delivered to:)",
         "delivering-to", WordsAt::shared, Sender::any},
    Form{"interscan", R"(interscan|sent <<< rcpt to:)", "rcpt delivering-to", WordsAt::shared},
    Form{"mailfoundry", R"(unable to deliver message to:? )", "delivering-to", WordsAt::shared,
         Sender::system},
    Form{"mx", R"(we had trouble delivering your message)", "returned-errors", WordsAt::shared,
         Sender::system},
    Form{"surfcontrol", R"(your message could not be sent)", "field colon", WordsAt::behind, Sender::system},
    Form{"james", R"(error message below:)", "rcpt field", WordsAt::shared, Sender::system},
    Form{"mms", R"(message (?:could|will) not be delivered to mobile)", "rcpt field", WordsAt::shared,
         Sender::system},
    Form{"fml", R"(you are not a member of this mailing list)", "list", WordsAt::shared, Sender::any},
    Form{"xmail", R"(rcpt=\[[^\]\n]*\];?[ \t]*error=)", "xmail"},
    Form{"exim-malformed", R"(recipient address(?:es)? that (?:was|were)\s+incorrectly\s+constructed)",
         "malformed", WordsAt::line},
    // What many programs say, in many orders and languages.
    Form{"notice", "",
         "angle-colon field colon alone remarked dated transcript delivering-to mail-to last-word",
         WordsAt::behind, Sender::system},
};

}  // namespace

std::span<const Form> forms() {
  return kForms;
}

std::span<const LineForm> line_forms() {
  return kLines;
}

}  // namespace suppressd::report
