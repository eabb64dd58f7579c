-- Mail of the sendmail command, as Postfix's cleanup(8) announces it: suppressed recipients are removed at the end of the message; a message
-- to them alone is refused as a whole.
dofile("common/expect.lua")

local function begin(id)
  local session = mt.connect(socket, 20, 0.1)
  mt.macro(session, SMFIC_MAIL, "i", id)
  mt.mailfrom(session, "cron@sender.example")
  expect("MAIL", mt.getreply(session), SMFIR_CONTINUE)
  return session
end

local function recipient(session, address)
  mt.rcptto(session, address)
  expect("RCPT " .. address, mt.getreply(session), SMFIR_CONTINUE)
end

local session = begin("4XQ1001")
recipient(session, "listed@d.example")
recipient(session, "good@a.example")
mt.data(session)
expect("DATA", mt.getreply(session), SMFIR_CONTINUE)
mt.eom(session)
expect("end of message", mt.getreply(session), SMFIR_ACCEPT)
expect("the suppressed one removed", mt.eom_check(session, MT_RCPTDELETE, "listed@d.example"), true)
expect("the good one removed", mt.eom_check(session, MT_RCPTDELETE, "good@a.example"), false)
mt.disconnect(session)

session = begin("4XQ1002")
recipient(session, "listed@d.example")
mt.data(session)
expect("DATA", mt.getreply(session), SMFIR_REPLYCODE)
mt.disconnect(session)
