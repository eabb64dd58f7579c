-- SMTP mail: each recipient has an answer of its own, and the message passes untouched but for its trace. Connection, HELO, header and body
-- are not asked for, so that none of them is sent here.
dofile("common/expect.lua")

local function recipient(session, address, wanted)
  mt.macro(session, SMFIC_RCPT, "{rcpt_addr}", address, "{rcpt_host}", "x.example", "{rcpt_mailer}", "smtp")
  mt.rcptto(session, "<" .. address .. ">")
  expect("RCPT " .. address, mt.getreply(session), wanted)
end

local session = mt.connect(socket, 20, 0.1)

for message = 1, 3 do
  mt.macro(session, SMFIC_MAIL, "{mail_addr}", "news@sender.example", "{client_addr}", "192.0.2.7")
  mt.mailfrom(session, "<news@sender.example>")
  expect("MAIL", mt.getreply(session), SMFIR_CONTINUE)
  recipient(session, "listed@d.example", SMFIR_REPLYCODE)
  recipient(session, "good@a.example", SMFIR_CONTINUE)
  recipient(session, "LISTED@D.example", SMFIR_REPLYCODE)
  recipient(session, "not an address", SMFIR_CONTINUE)
  mt.data(session)
  expect("DATA", mt.getreply(session), SMFIR_CONTINUE)
  mt.macro(session, SMFIC_RCPT, "i", "4XQ000" .. message)
  mt.eom(session)
  expect("end of message", mt.getreply(session), SMFIR_ACCEPT)
  expect("the trace added", mt.eom_check(session, MT_HDRADD, "Suppressd-Trace"), true)
  expect("a recipient removed", mt.eom_check(session, MT_RCPTDELETE, "<good@a.example>"), false)
  expect("the body replaced", mt.eom_check(session, MT_BODYCHANGE), false)
end

-- A message that is given up half way leaves nothing to the next.
mt.mailfrom(session, "<news@sender.example>")
recipient(session, "listed@d.example", SMFIR_REPLYCODE)
mt.abort(session)
mt.mailfrom(session, "<news@sender.example>")
recipient(session, "good@a.example", SMFIR_CONTINUE)
mt.disconnect(session)

-- A bounce is never refused.
session = mt.connect(socket)
mt.mailfrom(session, "<>")
recipient(session, "listed@d.example", SMFIR_CONTINUE)
mt.disconnect(session, false)
