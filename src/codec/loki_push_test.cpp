#include "codec/loki_push.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <protozero/pbf_writer.hpp>

#include "base/json.h"

namespace sentinella::codec {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Seen {
  std::vector<std::string> lines, refused;
  LokiVisitor visitor() {
    return {.stream =
                [this](const ShippedDocument& labels) {
                  label = labels.size() > 0 ? std::string(labels.at(0).value) : "";
                },
            .entry =
                [this](const LokiEntry& entry, const ShippedDocument& metadata) {
                  lines.push_back(label + " " + std::to_string(entry.time.ns) + " " +
                                  std::string(entry.line) +
                                  (metadata.size() > 0 ? " " + std::string(metadata.at(0).value) : ""));
                },
            .refused = [this](std::size_t count,
                              std::string why) { refused.push_back(std::to_string(count) + " " + why); }};
  }
  std::string label;
};

std::string push(const std::string& labels, const std::vector<std::string>& lines) {
  std::string out;
  protozero::pbf_writer request(out);
  protozero::pbf_writer stream(request, 1);
  stream.add_string(1, labels);
  for (const std::string& line : lines) {
    protozero::pbf_writer entry(stream, 2);
    {
      protozero::pbf_writer time(entry, 1);
      time.add_int64(1, 7);
      time.add_int32(2, 5);
    }
    entry.add_string(2, line);
    protozero::pbf_writer metadata(entry, 3);
    metadata.add_string(1, "trace");
    metadata.add_string(2, "t1");
  }
  return out;
}

TEST(LokiPush, ProtobufIsRead) {
  Seen seen;
  ASSERT_TRUE(read_loki_protobuf(push(R"({job="nova"})", {"one", "two"}), seen.visitor()));
  EXPECT_THAT(seen.lines, ElementsAre("nova 7000000005 one t1", "nova 7000000005 two t1"));
  EXPECT_THAT(seen.refused, IsEmpty());
}

TEST(LokiPush, BadLabelsRefuseTheirStreamOnly) {
  Seen seen;
  ASSERT_TRUE(read_loki_protobuf(push("job=nova", {"one", "two"}) + push(R"({job="glance"})", {"three"}),
                                 seen.visitor()));
  EXPECT_THAT(seen.lines, ElementsAre("glance 7000000005 three t1"));
  EXPECT_THAT(seen.refused, ElementsAre(HasSubstr("2 \"job=nova\" is no list of labels")));
  EXPECT_FALSE(read_loki_protobuf("\x0a\x7f", seen.visitor()));
}

TEST(LokiPush, JsonIsReadAndBadValuesAreRefusedOneByOne) {
  Seen seen;
  ASSERT_TRUE(read_loki_json(R"({"streams":[{"stream":{"job":"nova"},"values":[
      ["7","one"],["8","two",{"trace":"t1"}],["x","three"],[9,"four"],"five"]},{"values":1}]})",
                             seen.visitor()));
  EXPECT_THAT(seen.lines, ElementsAre("nova 7 one", "nova 8 two t1"));
  EXPECT_EQ(seen.refused.size(), 4u);
  EXPECT_FALSE(read_loki_json("{}", seen.visitor()));
  EXPECT_FALSE(read_loki_json("nothing", seen.visitor()));
}

TEST(LokiPush, LabelsOfAnyTextComeBack) {
  EXPECT_TRUE(rc::check([] {
    const auto value = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab{}=,\" \\\n\t")));
    std::string quoted;
    for (const char c : value) {
      if (c == '"' || c == '\\') quoted += '\\';
      quoted += c == '\n' ? "\\n" : std::string(1, c);
    }
    ShippedDocument labels;
    RC_ASSERT(read_loki_labels("{a=\"x\", job = \"" + quoted + "\"}", labels).has_value());
    RC_ASSERT(labels.size() == 2u);
    RC_ASSERT(labels.at(1).name == "job" && labels.at(1).value == value);
  }));
  ShippedDocument none;
  EXPECT_TRUE(read_loki_labels("{}", none));
  for (const char* bad :
       {"", "{", "{a}", "{a=b}", "{a=\"b}", "{=\"b\"}", "{a=\"b\"", "{a=\"b\"}x", "{a=\"b\" c=\"d\"}"})
    EXPECT_FALSE(read_loki_labels(bad, none)) << bad;
}

}  // namespace
}  // namespace sentinella::codec
