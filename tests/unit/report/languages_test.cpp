#include "languages.h"

#include <string>

#include <gtest/gtest.h>

namespace suppressd::report {
namespace {

TEST(Languages, not_delivered_is_a_failure_in_every_language) {
  for (const std::string text : {
           "Your message was not delivered",
           "The mailbox is over quota",
           "Ihre Nachricht konnte nicht zugestellt werden",
           "Uw bericht kon niet worden bezorgd",
           "Ditt meddelande kunde inte levereras",
           "Meddelelsen kunne ikke leveres",
           "Viestiä ei voitu toimittaa",
           "Votre message n'a pas pu être remis",
           "Échec de la remise du message",
           "Su mensaje no se ha podido entregar",
           "Sua mensagem não pôde ser entregue",
           "Impossibile recapitare il messaggio",
           "No s'ha pogut lliurar el missatge",
           "Mesajul nu a putut fi livrat",
           "Wiadomość nie została dostarczona",
           "Nie udalo sie wyslac listu",
           "Zprávu se nepodařilo doručit",
           "Správu sa nepodarilo doručiť, nebola doručená",
           "Sporočila ni bilo mogoče dostaviti",
           "Сообщение не может быть доставлено",
           "Не удалось доставить сообщение",
           "Недоставленное сообщение",
           "Почтовый ящик получателя переполнен",
           "Лист не було доставлено",
           "Не вдалося доставити повідомлення",
           "Скринька одержувача переповнена",
           "Писмото не може да бъде доставено",
           "Το μήνυμα δεν παραδόθηκε",
           "Αποτυχία παράδοσης",
           "A levelet nem sikerült kézbesíteni",
           "İleti teslim edilemedi",
           "Laiško nepavyko pristatyti",
           "לא ניתן היה למסור את ההודעה",
           "تعذر تسليم الرسالة",
           "邮件被退回",
           "郵件無法投遞",
           "メールを配信できませんでした",
           "메일을 전송하지 못했습니다",
           "Thư không thể gửi được",
           "Pesan tidak dapat dikirim",
           "ไม่สามารถส่งข้อความได้",
       }) {
    EXPECT_TRUE(tells_of_failure(text)) << text;
  }
}

TEST(Languages, an_answer_is_not_a_failure_in_any_language) {
  for (const std::string subject : {
           "Out of office: November",
           "Automatic reply: November",
           "Automatische Antwort: November",
           "Abwesenheitsnotiz",
           "Automatisch antwoord: November",
           "Autosvar: November",
           "Automaattinen vastaus: November",
           "Réponse automatique : November",
           "Respuesta automática: November",
           "Resposta automática: November",
           "Risposta automatica: November",
           "Răspuns automat: November",
           "Odpowiedź automatyczna / Autoodpowiedź: November",
           "Automatická odpověď: November",
           "Samodejni odgovor: November",
           "Автоответ: November",
           "автоматический ответ: November",
           "Автоматична відповідь: November",
           "Автоматичен отговор: November",
           "Αυτόματη απάντηση: November",
           "Automatikus válasz: November",
           "Otomatik yanıt: November",
           "מענה אוטומטי: November",
           "رد تلقائي: November",
           "自动回复: November",
           "自動返信: November",
           "자동 회신: November",
           "Trả lời tự động: November",
           "Balasan otomatis: November",
           "ตอบกลับอัตโนมัติ: November",
       }) {
    EXPECT_TRUE(is_subject_of_answer(subject)) << subject;
    EXPECT_FALSE(is_subject_of_failure(subject)) << subject;
    EXPECT_FALSE(tells_of_failure(subject)) << subject;
  }
}

TEST(Languages, late_is_a_delay_in_every_language) {
  for (const std::string text : {
           "Your message has not yet been delivered",
           "Ihre Nachricht wurde noch nicht zugestellt",
           "Le message n'a pas encore été remis",
           "El mensaje aún no se ha podido entregar",
           "Il messaggio non è ancora stato consegnato",
           "Сообщение еще не доставлено",
           "Το μήνυμα δεν έχει παραδοθεί ακόμη",
       }) {
    EXPECT_TRUE(tells_of_delay(text)) << text;
  }
  EXPECT_FALSE(tells_of_delay("Your message was not delivered"));
}

TEST(Languages, everyday_mail_is_neither) {
  for (const std::string text :
       {"November", "Invoice 550", "Your order has been shipped", "Rechnung für November", "Votre facture",
        "Встреча в понедельник", "会议通知", "お知らせ"}) {
    EXPECT_FALSE(tells_of_failure(text)) << text;
    EXPECT_FALSE(tells_of_delay(text)) << text;
    EXPECT_FALSE(is_subject_of_answer(text)) << text;
    EXPECT_FALSE(is_subject_of_failure(text)) << text;
  }
}

}  // namespace
}  // namespace suppressd::report
