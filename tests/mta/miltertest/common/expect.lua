-- Ends the script, and says why, unless both are the same.
function expect(what, got, wanted)
  if got ~= wanted then
    mt.echo(what .. ": got " .. tostring(got) .. ", wanted " .. tostring(wanted))
    error("unexpected")
  end
end
