#include "relay.h"

#include <string>

#include <gtest/gtest.h>

namespace suppressd {
namespace {

/// `HOST IP`, followed by `socket` for a unix socket.
std::string read(std::string_view text) {
  const Relay relay = read_relay(text);
  EXPECT_EQ(relay.text, text);
  return std::string(relay.host) + ' ' + std::string(relay.ip) + (relay.unix_socket ? "socket" : "");
}

TEST(Relay, ReadsPostfixForms) {
  EXPECT_EQ(read("mx.b.example[192.0.2.1]:25"), "mx.b.example 192.0.2.1");
  EXPECT_EQ(read("mx.b.example.[2001:db8::1]:25"), "mx.b.example 2001:db8::1");
  EXPECT_EQ(read("mx.b.example[192.0.2.1]"), "mx.b.example 192.0.2.1");
  EXPECT_EQ(read("mx.b.example"), "mx.b.example ");
  EXPECT_EQ(read("127.0.0.1:2525"), "127.0.0.1 127.0.0.1");
  EXPECT_EQ(read("2001:db8::1"), "2001:db8::1 2001:db8::1");
  EXPECT_EQ(read("none"), " ");
  EXPECT_EQ(read(""), " ");
}

TEST(Relay, ReadsSendmailForms) {
  EXPECT_EQ(read("mx.b.example. [192.0.2.1]"), "mx.b.example 192.0.2.1");
  EXPECT_EQ(read("mx.b.example. [IPv6:2001:db8::1]"), "mx.b.example 2001:db8::1");
  EXPECT_EQ(read("[192.0.2.1] [192.0.2.2]"), "192.0.2.1 192.0.2.2");
  EXPECT_EQ(read("[192.0.2.1]"), "192.0.2.1 192.0.2.1");
  EXPECT_EQ(read("mx.b.example."), "mx.b.example ");
}

TEST(Relay, AnAddressOrABracketedNameIsNotAnMx) {
  for (const auto* text : {"[192.0.2.1] [192.0.2.1]", "[192.0.2.1]", "192.0.2.1[192.0.2.1]:25",
                           "192.0.2.1:2525", "[smart.b.example]"})
    EXPECT_TRUE(read_relay(text).literal) << text;
  for (const auto* text :
       {"mx.b.example[192.0.2.1]:25", "mx.b.example. [192.0.2.1]", "mx.b.example.", "none", ""})
    EXPECT_FALSE(read_relay(text).literal) << text;
  EXPECT_EQ(read("[smart.b.example]"), "smart.b.example ") << "a name is no address";
}

TEST(Relay, ThePortIsReadIfItIsLogged) {
  EXPECT_EQ(read_relay("mx.b.example[192.0.2.1]:25").port, "25");
  EXPECT_EQ(read_relay("mx.b.example[2001:db8::1]:587").port, "587");
  EXPECT_EQ(read_relay("127.0.0.1:2525").port, "2525");
  EXPECT_EQ(read_relay("mx.b.example. [192.0.2.1]").port, "");
  EXPECT_EQ(read_relay("2001:db8::1").port, "");
}

TEST(Relay, ASocketHasNoAddress) {
  EXPECT_EQ(read("mta.b.example[private/dovecot-lmtp]"), "mta.b.example socket");
  EXPECT_EQ(read("mta.b.example[/var/run/dovecot/lmtp]"), "mta.b.example socket");
  EXPECT_EQ(read("/var/run/lmtp"), " socket");
}

TEST(Relay, BrokenFormsAreTakenAsTheyAre) {
  EXPECT_EQ(read("mx[192.0.2.1"), "mx 192.0.2.1");
  EXPECT_EQ(read("["), " ");
  EXPECT_EQ(read("[]["), " ");
  EXPECT_EQ(read("]"), "] ");
}

}  // namespace
}  // namespace suppressd
