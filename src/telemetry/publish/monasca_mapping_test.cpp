#include "telemetry/publish/monasca_mapping.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "base/json.h"
#include "base/temporary_directory.h"
#include "telemetry/publish/publish_testing.h"
#include "telemetry/shipped_files.h"

namespace sentinella::telemetry {
namespace {

using publish_testing::publisher;
using publish_testing::Receiver;
using publish_testing::sample;
using testing::HasSubstr;

constexpr std::string_view kMapping = R"(
dimensions: [resource_id, unit, volume, region, user_id]
metadata:
  common: [event_type, flavor, properties.image_type]
  image.size: [status, {kind: $.properties.kind}, {labels: $.labels}, vcpus, public]
)";

MeterSample described(std::string_view metadata, std::string name = "image.size") {
  MeterSample made = sample(std::move(name), 3);
  made.metadata = std::make_shared<boost::json::object>(parse_json(metadata)->get_object());
  return made;
}

std::string error_in(std::string_view yaml) {
  const auto parsed = MonascaMapping::parse(yaml);
  return parsed ? "nothing" : describe(parsed.error());
}

TEST(MonascaMapping, TakesTheFieldsThatTheFileNames) {
  const auto mapping = MonascaMapping::parse(kMapping);
  ASSERT_TRUE(mapping) << describe(mapping.error());
  const auto full =
      described(R"({"event_type": "image.upload", "properties": {"image_type": "iso", "kind": "k"},
      "status": "active", "labels": ["a"], "vcpus": 4, "public": true, "unasked": 1})");
  EXPECT_EQ(boost::json::serialize(mapping->dimensions(full)),
            R"({"resource_id":"r","unit":"%","volume":"3","region":"None","user_id":"None"})");
  EXPECT_EQ(boost::json::serialize(mapping->value_meta(full)),
            R"({"event_type":"image.upload","flavor":"None","properties.image_type":"iso","status":"active",)"
            R"("kind":"k","labels":"None","vcpus":4,"public":true})");
}

TEST(MonascaMapping, OfOtherMetersOnlyWhatIsCommon) {
  const auto mapping = MonascaMapping::parse(kMapping);
  ASSERT_TRUE(mapping);
  EXPECT_EQ(
      boost::json::serialize(mapping->value_meta(described(R"({"properties.image_type": "flat"})", "cpu"))),
      R"({"event_type":"None","flavor":"None","properties.image_type":"flat"})");
  EXPECT_TRUE(mapping->value_meta(sample("image.size")).empty()) << "nothing is said of nothing";
}

TEST(MonascaMapping, AFileAtFaultIsNamed) {
  EXPECT_THAT(error_in("[]"), HasSubstr("mapping"));
  EXPECT_THAT(error_in("metadata: {}"), HasSubstr("dimensions"));
  EXPECT_THAT(error_in("{dimensions: [a], meta: {}}"), HasSubstr("meta"));
  EXPECT_THAT(error_in("{dimensions: [a], metadata: []}"), HasSubstr("metadata"));
  EXPECT_THAT(error_in("{dimensions: [a], metadata: {cpu: x}}"), HasSubstr("metadata.cpu"));
  EXPECT_THAT(error_in("{dimensions: [a], metadata: {cpu: [{a: $.b, c: $.d}]}}"), HasSubstr("metadata.cpu"));
  EXPECT_THAT(error_in("{dimensions: [a], metadata: {common: [{a: '$.b['}]}}"), HasSubstr("metadata.common"));
  EXPECT_TRUE(MonascaMapping::parse(shipped_file("monasca_field_definitions.yaml")));
}

TEST(MonascaPublisher, ReadsTheMappingThatItsUrlNames) {
  Receiver receiver;
  TemporaryDirectory directory;
  const auto file = (directory.path() / "fields.yaml").string();
  ASSERT_TRUE(write_file_atomic(file, "{dimensions: [resource_id], metadata: {common: [status]}}"));
  const auto monasca = publisher(receiver.at("monasca", "/v2.0?cluster=c1&monasca_mappings=" + file));
  ASSERT_TRUE(monasca->publish({"", {described(R"({"status": "active"})")}, {}}));
  const auto metric = parse_json(receiver.requests().at(0).body)->at(0);
  EXPECT_EQ(boost::json::serialize(metric.at("dimensions")),
            R"({"datasource":"ceilometer","resource_id":"r","cloud_name":"None","cluster":"c1",)"
            R"("control_plane":"None"})");
  EXPECT_EQ(boost::json::serialize(metric.at("value_meta")), R"({"status":"active"})");
  EXPECT_EQ(receiver.requests().at(0).query, "") << "the file's name is nobody else's business";

  ASSERT_TRUE(write_file_atomic(file, "metadata: {}"));
  const auto wrong = make_publisher("monasca://h/v2.0?monasca_mappings=" + file);
  EXPECT_EQ(wrong.error().field, "monasca_mappings");
  EXPECT_EQ(make_publisher("monasca://h?monasca_mappings=/nowhere").error().field, "monasca_mappings");
}

}  // namespace
}  // namespace sentinella::telemetry
