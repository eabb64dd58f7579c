#include "languages.h"

#include <algorithm>
#include <array>
#include <string>

#include <re2/re2.h>

#include "notice_words.h"

namespace suppressd::report {
namespace {

/// RE2 over bytes, without case for ASCII only. So a letter with an accent is `\S{1,2}`, which also takes it
/// without its accent, as many programs write it; and where a word may begin with a capital of another
/// alphabet, its first letter is left out. Empty: nothing known.
struct Language {
  std::string_view name;
  std::string_view failure;
  std::string_view delay;
  std::string_view answer;
};

constexpr std::array kLanguages{
    Language{
        "English",
        R"(undeliver|not (?:be |been |get |have been |able to )?deliver|n't (?:be |able to )?deliver)"
        R"(|(?:unable to|cannot|failed to) deliver|(?:couldn't|could not) be (?:delivered|sent|found))"
        R"(|delivery (?:to|of|has|attempt|problem|error|report|status|fail)|fail\w* (?:recipient|address))"
        R"(|following (?:address|recipient|user|mailbox|destinat)|(?:fatal|delivery|permanent) errors?|did not reach)"
        R"(|returned (?:mail|to sender|to you)|bounced?\b|rejected|no such (?:user|mailbox|address|account|recipient))"
        R"(|(?:user|recipient|mailbox|address|account)\w* (?:\S+ )?(?:is |was |has been |has |have )?)"
        R"((?:unknown|not (?:found|known|listed)|invalid|unavailable|disabled|suspended|full|over|exceed|does(?: not|n't) exist))"
        R"(|(?:unknown|invalid|no valid) (?:local )?(?:user|recipient|mailbox|address))"
        R"(|not a valid (?:user|address|recipient|mailbox)|(?:over|exceed\w*) (?:\w+ ){0,3}(?:quota|storage)|quota (?:\w+ ){0,2}exceed)",
        R"(has not (?:yet )?been delivered|has been delayed|is delayed|delayed for more|warning message only)"
        R"(|temporary failure report|delivery attempts will continue|(?:will be|is being) retried)"
        R"(|will (?:keep|continue) (?:trying|to try|retrying)|still (?:being |trying|in the queue)|(?:do|does) not need to resend)",
        R"(out of (?:the )?office|auto(?:matic|mated)?[- _]?(?:reply|response|responder)|autoreply|autoresponse)"
        R"(|on (?:vacation|holiday|leave)|vacation (?:reply|message|notice)|away (?:from|until))"},
    Language{
        "German",
        R"((?:un|nicht )zustellbar|nicht (?:zugestellt|ausgeliefert|\S{1,2}bermittelt|erreicht)|zustell(?:ung|ungs)?fehler)"
        R"(|zustellung (?:\S+ ){0,5}(?:fehlgeschlagen|gescheitert|nicht m))",
        R"(noch nicht zugestellt|verz\S{1,2}gert)",
        R"(auto(?:matische)?[- _]?antwort|abwesen|nicht im (?:b\S+ro|haus)|au\S{1,2}er haus|bin im urlaub)"},
    Language{"Dutch",
             R"(niet (?:worden )?(?:afgeleverd|bezorgd|besteld)|onbestelbaar)"
             R"(|kon(?:den)? (?:\S+ ){0,5}niet (?:\S+ ){0,2}(?:bezorg|verz|afgelever|besteld))"
             R"(|bezorging (?:\S+ ){0,4}mislukt)",
             R"(nog niet (?:\S+ )?(?:afgeleverd|bezorgd)|is vertraagd)",
             R"(automatisch (?:antwoord|bericht)|afwezig|niet (?:op|in|aan)wezig|buiten kantoor)"},
    Language{"Swedish",
             R"(inte (?:att )?(?:kunde )?lever|olevere?r?bar|leverans(?:en)? (?:\S+ ){0,4}misslyck)",
             R"(leverans\S* .{0,20}f\S{1,2}rsen)",
             R"(auto(?:matiskt)?[- ]?svar|fr\S{1,2}nvaro|inte p\S{1,2} kontoret)"},
    Language{
        "Danish and Norwegian",
        R"(ikke (?:bli |blive )?lever|uleveret|lever(?:ing|ans)en? (?:\S+ ){0,4}mis?lyk|kunne ikke sendes)",
        R"(forsinket)",
        R"(auto(?:matisk)?[- ]?svar|frav\S{1,2}r|ikke til ?stede|ikke p\S{1,2} kontoret|p\S{1,2} ferie)"},
    Language{
        "Finnish",
        R"(ei (?:voitu|voida|voi|pystytty) (?:\S+ ){0,2}toimit|toimitus (?:\S+ ){0,4}ep\S{1,3}onnistui|toimittamatta)",
        R"(viiv\S{1,2}styn)", R"(automaattinen (?:vastaus|poissa)|poissaolo|olen poissa|lomavastaus)"},
    Language{
        "French",
        R"(non (?:remis|distribu|d\S{1,2}livr)|n'a(?:i)? (?:pas|pu) (?:pu |\S{1,2}t\S{1,2} )"
        R"(|\S+ )?(?:\S{1,2}tre )?(?:remis|distribu|livr|d\S{1,2}livr|envoy|achemin))"
        R"(|impossible (?:de |d')?(?:remettre|distribuer|livrer|d\S{1,2}livrer|envoyer)|chec (?:de (?:la )?|d')"
        R"(|lors de )(?:la )?(?:remise|livraison|distribution|envoi))",
        R"(pas encore (?:\S+ ){0,2}(?:remis|distribu|livr|d\S{1,2}livr)|a \S{1,2}t\S{1,2} (?:retard|diff\S{1,2}r))",
        R"(absen(?:ce|te?) (?:du bureau|automati|prolong)|r\S{1,2}ponse automatique|message d'absence|actuellement (?:absent|en cong))"},
    Language{
        "Spanish",
        R"(no se (?:ha |han )?(?:pudo|podido|puede|entreg)|no (?:ha sido|fue|pudo ser) (?:posible )?entreg)"
        R"(|no (?:ha )?entregad)"
        R"(|(?:error|fallo) (?:de|en la) entrega|(?:correo|mensaje|e-?mail) devuelto)",
        R"(a\S{1,2}n no se ha (?:podido )?entreg|retras(?:o|ad) (?:en|de) la entrega)",
        R"(respuesta autom|fuera de (?:la )?oficina|estoy de vacaciones|ausencia (?:de la oficina|temporal))"},
    Language{
        "Portuguese",
        R"(n\S{1,2}o (?:foi|p\S{1,2}de|pode) (?:poss\S{1,2}vel |ser )?(?:entreg|localiz|encontr)|n\S{1,2}o entregue)"
        R"(|falha (?:na|de) entrega)",
        R"(ainda n\S{1,2}o foi (?:poss\S{1,2}vel )?entreg)",
        R"(resposta autom|fora do escrit|em f\S{1,2}rias)"},
    Language{"Italian",
             R"(non (?:\S{1,3} stat[oa]|pu\S{1,2} essere|\S{1,3} stato possibile) (?:consegn|recapit))"
             R"(|impossibile (?:consegnare|recapitare))"
             R"(|manca(?:ta|to) (?:consegna|recapito)|consegna (?:\S+ ){0,4}(?:fallita|non riuscita))",
             R"(non (?:\S{1,3} )?ancora (?:\S+ )?(?:stat\S )?(?:consegn|recapit))",
             R"(risposta automatica|fuori (?:ufficio|sede)|sono assente|in ferie)"},
    Language{"Catalan", R"(no s'ha pogut (?:lliurar|enviar|entregar))", "",
             R"(resposta autom|fora de l'oficina)"},
    Language{
        "Romanian",
        R"(nu (?:a|s-a) (?:putut|fost) (?:fi )?(?:livra|trimi)|nelivrat|livrarea (?:\S+ ){0,5}e\S{1,2}uat)",
        "", R"(r\S{1,2}spuns automat|\S{1,2}n afara biroului)"},
    Language{"Polish",
             R"(nie (?:mo\S{1,2}na|mog\S{1,2}a|zosta\S{1,2}a|uda\S{1,2}o si\S{1,2}) (?:by\S{1,2} )"
             R"(|by\S{1,2}o )?(?:dor\S{1,2}cz|dostarcz|wys\S{1,2}a)|niedor\S{1,2}cz|niedostarcz)",
             R"(jeszcze nie (?:\S+ )?dostarcz|op\S{1,2}\S{1,2}nion)",
             R"(auto(?:matyczna )?odpowied|nieobecn|poza biurem|na urlopie)"},
    Language{
        "Czech and Slovak",
        R"((?:nelze|nebylo|nebyla|nepoda\S{1,2}ilo(?: se)?|nem\S{1,2}\S{1,2}e b\S{1,2}t) (?:mo\S{1,2}n\S{1,2} )?doru)"
        R"(|nedoru\S{1,2}|nepodarilo sa doru|nebol[ao]? (?:mo\S{1,2}n\S{1,2} )?doru)",
        R"(zpo\S{1,2}d\S{1,2}n)", R"(automatick\S{1,2} odpov|mimo kancel|nep\S{1,2}\S{0,2}tomn|na dovolen)"},
    Language{
        "South Slavic, in Latin letters",
        R"(ni bilo mogo\S{1,2}e dostav|ni bil[oa]? dostav|nije (?:mogu\S{1,2}e |mogla biti )?(?:isporu|dostav))"
        R"(|nedostavlj|neisporu|isporuka (?:\S+ ){0,3}nije uspje?la)",
        "",
        R"(automatski odgovor|samodejni odgovor|odsot(?:en|na|nost)|odsutan|izvan ureda|van kancelarije)"},
    Language{
        "Russian",
        R"(не (?:может быть |могут быть |могло быть |было |была |был |удалось |можем |смогли )?достав|едостав)"
        R"(|шибка доставки|е удалось (?:\S+ ){0,3}(?:достав|отправ|переда)|евозможно (?:\S+ )?достав)"
        R"(|(?:щик|дрес|ользовател)\S* (?:\S+ ){0,4}(?:переполн|заблокир|не (?:существ|найд|зарегистр|обнаруж)))",
        R"((?:ещё|еще) не (?:было )?достав|адержк\S+ (?:в )?доставк)",
        R"(втоответ|втоматическ\S+ ответ|вне офиса|в отпуске)"},
    Language{
        "Ukrainian",
        R"(не (?:може бути |було |була |був |вдалося |вдалось )?достав|едостав|омилка (?:при )?доставк|е вдалося (?:\S+ ){0,3}(?:достав|надісл|відправ))"
        R"(|еможливо (?:\S+ )?достав)"
        R"(|(?:криньк|дрес|ористувач)\S* (?:\S+ ){0,4}(?:перепо|заблок|не (?:існу|знайд|зареєстр)))",
        R"(ще не (?:було )?достав|атримк\S+ (?:в )?доставк)",
        R"(втовідповід|втоматична відповідь|поза офісом|у відпустці)"},
    Language{
        "Bulgarian, Serbian and Macedonian",
        R"(не (?:може да (?:бъде|се) |беше |бе )достав|еуспешна доставка|едоставен|није (?:могуће )?(?:испоруч)"
        R"(|достав))",
        "", R"(втоматичен отговор|извън офиса|утоматски одговор)"},
    Language{
        "Greek",
        R"(ποτυχία (?:\S+ )?παράδοσ|παράδοση (?:\S+ ){0,6}απέτυχε|(?:δ|Δ)εν (?:παραδόθηκ|ήταν δυνατ|είναι δυνατ)"
        R"(|κατέστη δυνατ|μπόρεσ|μπορεί|βρέθηκ|υπάρχει)|νεπίδοτ)",
        R"(δεν έχει παραδοθεί ακόμ|αθυστέρησ)", R"(υτόματη απάντηση|κτός γραφείου|σε άδεια)"},
    Language{
        "Hungarian",
        R"(nem (?:siker\S+ )?(?:\S+ )?k\S{1,2}zbes|k\S{1,2}zbes\S+ (?:\S+ ){0,3}(?:sikertelen|nem siker))",
        R"(k\S{1,2}sedelem)", R"(automatikus v\S{1,2}lasz|h\S{1,2}zon k\S{1,2}v\S{1,2}l|szabads\S{1,2}gon)"},
    Language{"Turkish", R"(teslim (?:edilem|edilm)|ula\S{1,2}t\S{1,2}r\S{1,2}lam|iletilem|g\S{1,2}nderilem)",
             "", R"(otomatik (?:yan\S{1,2}t|cevap)|ofis d\S{1,2}\S{1,2}|izinde)"},
    Language{"Baltic and Estonian",
             R"(nepavyko pristat|nepristat|neizdev\S+ pieg|nevar\S+ pieg|ei (?:saanud)"
             R"(|\S{1,2}nnestunud) (?:kohale )?toimeta)",
             "", R"(automatinis atsakymas|autom\S{1,2}tisk\S{1,2} atbilde|automaatvastus)"},
    Language{"Hebrew", R"(לא ניתן (?:היה )?ל(?:מסור|העביר|שלוח)|כשל (?:ב|)(?:מסירה|מסירת|שליחה)|לא נמסר)", "",
             R"(מענה אוטומטי|תשובה אוטומטית|מחוץ למשרד)"},
    Language{
        "Arabic and Persian",
        R"(تعذر (?:ال)?(?:تسليم|إرسال|توصيل)|فشل (?:في )?(?:ال)?(?:تسليم|إرسال|توصيل)|لم يتم (?:ال)?تسليم)"
        R"(|تحویل (?:\S+ ){0,3}ناموفق)",
        "", R"(رد (?:تلقائي|آلي)|خارج المكتب|پاسخ خودکار)"},
    Language{
        "Chinese",
        R"(退信|无法(?:投递|送达|发送|传递)|無法(?:投遞|送達|傳送|傳遞|遞送)|投递失败|投遞失敗|发送失败|未(?:能)?(?:成功)?送(?:达|達)|被退回|(?:邮箱|用户|地址)不存在)",
        R"(延迟|延遲)", R"(自动(?:回复|答复)|自動(?:回覆|回复)|不在办公室)"},
    Language{
        "Japanese",
        R"(送信できません|配信(?:できません|されません|に失敗|不能|エラー)|配送(?:できません|に失敗)|届け(?:できません|られません|ることができません)|送りできません)",
        R"((?:配信|配送)が遅)", R"(自動(?:返信|応答)|不在(?:通知|のお知らせ|にして))"},
    Language{
        "Korean",
        R"(전(?:송|달)(?:하지 못|할 수 없|되지|에 실패|(?:이)? ?실패)|배달(?:하지 못|할 수 없|되지|에 실패| ?실패)|발송 ?실패|반송)",
        R"(지연)", R"(자동 ?(?:회신|응답|답장)|부재중)"},
    Language{"Vietnamese", R"(không (?:thể )?(?:gửi|chuyển|phát|giao)|gửi (?:\S+ ){0,2}thất bại)", "",
             R"(trả lời tự động|vắng mặt)"},
    Language{
        "Indonesian and Malay",
        R"(tidak (?:dapat|bisa) (?:di)?(?:kirim|sampaikan|antar|terkirim)|gagal (?:di)?(?:kirim|terkirim|antar))"
        R"(|pengiriman (?:\S+ ){0,3}gagal)",
        "", R"(balasan otomatis|di luar kantor|sedang cuti)"},
    Language{"Thai", R"(ไม่สามารถ(?:ส่ง|นำส่ง|จัดส่ง)|ส่งไม่สำเร็จ)", "", R"(ตอบกลับอัตโนมัติ|ไม่อยู่ที่สำนักงาน)"},
};

/// A pattern over bytes knows no characters: a quantifier or a class would take a byte of one.
constexpr bool is_sound(std::string_view pattern) {
  bool in_class = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '[' || c == ']') in_class = c == '[';
    const bool high = static_cast<unsigned char>(c) >= 0x80;
    if (high && (in_class || (i + 1 < pattern.size() &&
                              std::string_view("?*+{").find(pattern[i + 1]) != std::string_view::npos)))
      return false;
  }
  return true;
}
static_assert(std::ranges::all_of(kLanguages, [](const Language& one) {
  return is_sound(one.failure) && is_sound(one.delay) && is_sound(one.answer);
}));

/// One pattern for all languages, or for all but English.
RE2 any_of(std::string_view Language::*what, bool english = true) {
  std::string pattern;
  for (const auto& language : kLanguages) {
    if ((language.*what).empty() || (!english && language.name == "English")) continue;
    pattern += (pattern.empty() ? "(?i)(?:" : "|") + std::string(language.*what);
  }
  return {pattern + ')', for_bytes()};
}

bool has(std::string_view text, const RE2& pattern) {
  return RE2::PartialMatch({text.data(), text.size()}, pattern);
}

}  // namespace

bool tells_of_failure(std::string_view text) {
  static const RE2 pattern = any_of(&Language::failure);
  return has(text, pattern);
}

bool tells_of_success(std::string_view text) {
  static const RE2 arrived(
      R"((?i)\b(?:was|were|been) (?:successfully )?(?:delivered|relayed|received|opened|read)\b)",
      for_bytes());
  static const RE2 but(
      R"((?i)\bnot\b|n't\b|fail|unable|unsuccess|undeliver|\berror|reject|without being|\b[45]\d\d[ -])",
      for_bytes());
  return has(text, arrived) && !has(text, but);
}

bool ends_in_contact(std::string_view text) {
  static const RE2 pattern(
      R"((?i)(?:)"
      R"((?:please|kindly|questions?\b.?|[.!?,;:)]|\A|\n|\bor|\band|\bcan|\bmay|\bshould|\bto me|\binstead)\s+(?:[a-z']+ ){0,2})"
      R"((?:write|contact|ask|inform|use|register with|turn to|get in touch with|e-?mail (?:to|me|us|him|her))\b)"
      R"(|\bquestions? (?:go|to|about|concerning)\b|\b(?:your|the|my|new|our) (?:new )?contact\b|\b(?:new|current|correct|right|changed) (?:e-?mail[ -]?)?address\b)"
      R"(|[.!?,;]\s+e-?mail\b|\b(?:phone|tel|fax|mobile)\b[^\n@]{0,40} e-?mail\b)"
      R"(|\bwenden\b|\bkontaktier|\bkontakt\b|\bneue (?:e-?mail-?)?adresse\b|\bansprechpartner|\bschreiben sie (?:bitte )?an\b|\brichtig ist\b)"
      R"(|\bcontacte[rz]\b|\b(?:veuillez|merci de) (?:vous )?(?:\S*crire|adresser)|\bnouvelle adresse\b|\badressez\b)"
      R"(|\b(?:contacte|p\S{1,2}ngase en contacto|escriba|dir\S{1,2}jase|nueva direcci\S{1,2}n)\b|\b(?:contattare|scrivere|nuovo indirizzo)\b)"
      R"(|\b(?:contat[ae]r?|escreva|novo endere\S{1,2}o)\b|\bneem (?:\S+ )?contact|\bnieuwe? (?:e-?mail)?adres\b|\bkontakta\b|\bkontaktuj)"
      R"(|обра(?:щайтесь|титесь)|пишите|вый адрес|[联聯][系繫絡络]|新(?:的)?(?:邮箱|地址|アドレス)|連絡)"
      R"()[^\n.!?@:]{0,40}(?:[ \t]|:\s{0,4}|\b(?:is|to|at|an|ist|lautet|with|via|naar)\s{0,3})(?-i:(?:[A-Z][^\s@:]* ){0,3})[<"'(\[]*(?:mailto:)?$)",
      for_bytes());
  return has(text, pattern);
}

bool tells_of_delay(std::string_view text) {
  static const RE2 pattern = any_of(&Language::delay);
  return has(text, pattern);
}

bool tells_of_retry(std::string_view text) {
  static const RE2 pattern(
      R"((?i)warning message only|temporary failure report|delivery attempts will continue|(?:will be|is being) retried)"
      R"(|will (?:be )?(?:keep|continue|try|retry|re-?attempt)|still (?:being|trying|in the queue|undelivered)|not yet been delivered)"
      R"(|(?:do|does) not need to resend|\bretrying\b|\btemporar|\bvor\S{1,2}bergehend|noch nicht|nog niet|pas encore|a\S{1,2}n no|ainda n|ancora)"
      R"(|(?:weiter|erneut)\S* (?:\S+ ){0,3}versuch|tentativ|r\S{1,2}essa|reintent|seguir\S{1,2} intent|continu\S+ tent|riprov|opnieuw)"
      R"(|f\S{1,2}rs\S{1,2}k|yrit|повтор|попыт|спроб|ponown|znovu|\S{1,2}jra|προσπάθ)"
      R"(|jeszcze nie|ещё не|еще не|ще не|ακόμ|重试|重試|再試行|再送)",
      for_bytes());
  return has(text, pattern);
}

bool is_subject_of_answer(std::string_view subject) {
  static const RE2 pattern = any_of(&Language::answer);
  return has(subject, pattern);
}

bool is_subject_of_failure(std::string_view subject) {
  static const RE2 pattern = any_of(&Language::failure, false);
  static const RE2 english(
      R"((?i)undeliver|deliver\w* (?:status|fail|problem|error|notification|report|has failed|incomplete))"
      R"(|mail (?:delivery|system|fail\w*|not|could not|error)|(?:returned|bounced|rejected|failed)"
      R"(|undelivered) (?:mail|message)|failure (?:notice|notification)|non-?deliver|not delivered)"
      R"(|error sending your mail|delivery failed|mail ?error|message (?:delayed|not)|warning: (?:message)"
      R"(|could not)|エラー)",
      for_bytes());
  return has(subject, english) || has(subject, pattern);
}

}  // namespace suppressd::report
