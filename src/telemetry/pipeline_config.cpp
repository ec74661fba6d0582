#include "telemetry/pipeline_config.h"

#include <algorithm>
#include <set>

#include "base/json.h"
#include "telemetry/yaml_document.h"

namespace sentinella::telemetry {
namespace {

namespace json = boost::json;

Result<const json::array*> list_of(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_array()) return fail_field(Errc::kInvalid, name, "must be a list");
  return &value->get_array();
}

Result<std::string> name_of(const json::object& object, std::set<std::string>& taken) {
  SENT_TRY_ASSIGN(auto name, required_string(object, "name"));
  if (!taken.insert(name).second) return fail_field(Errc::kInvalid, "name", "\"{}\" is there twice", name);
  return name;
}

Result<std::vector<TransformerConfig>> read_transformers(const json::object& sink, PipelineKind kind) {
  std::vector<TransformerConfig> out;
  const auto* value = sink.if_contains("transformers");
  if (value == nullptr || value->is_null()) return out;
  SENT_TRY_ASSIGN(const auto* list, list_of(sink, "transformers"));
  if (kind == PipelineKind::events && !list->empty())
    return fail_field(Errc::kInvalid, "transformers", "are for samples only");
  for (const json::value& one : *list) {
    if (!one.is_object()) return fail_field(Errc::kInvalid, "transformers", "must be mappings");
    TransformerConfig made;
    SENT_TRY_ASSIGN(made.name, required_string(one.get_object(), "name"));
    if (const auto* parameters = one.get_object().if_contains("parameters");
        parameters && parameters->is_object())
      made.parameters = parameters->get_object();
    out.push_back(std::move(made));
  }
  return out;
}

Result<SinkConfig> read_sink(const json::object& spec, std::set<std::string>& taken, PipelineKind kind) {
  SinkConfig sink;
  SENT_TRY_ASSIGN(sink.name, name_of(spec, taken));
  SENT_TRY(only_fields(spec, {"name", "transformers", "publishers"}));
  SENT_TRY_ASSIGN(sink.transformers, read_transformers(spec, kind));
  SENT_TRY_ASSIGN(const auto urls, optional_strings(spec, "publishers"));
  if (urls.empty()) return fail_field(Errc::kInvalid, "publishers", "there are none");
  for (const std::string& url : urls)
    sink.publishers.push_back(url.find("://") == std::string::npos ? url + "://" : url);
  return sink;
}

Result<SourceConfig> read_source(const json::object& spec, std::set<std::string>& taken,
                                 const std::set<std::string>& sinks, PipelineKind kind) {
  const std::string_view what = kind == PipelineKind::samples ? "meters" : "events";
  SENT_TRY_ASSIGN(auto name, name_of(spec, taken));
  SENT_TRY(only_fields(spec, {"name", what, "sinks", "interval"}));
  SENT_TRY_ASSIGN(const auto patterns, optional_strings(spec, what));
  auto filter = SourceFilter::make(patterns);
  if (!filter) return fail_field(Errc::kInvalid, what, "{}", filter.error().message);
  SENT_TRY_ASSIGN(auto wanted, optional_strings(spec, "sinks"));
  if (wanted.empty()) return fail_field(Errc::kInvalid, "sinks", "there are none");
  for (const std::string& sink : wanted)
    if (!sinks.contains(sink)) return fail_field(Errc::kInvalid, "sinks", "there is no sink \"{}\"", sink);
  return SourceConfig{std::move(name), *std::move(filter), std::move(wanted)};
}

std::unexpected<Error> in(std::string_view what, std::size_t index, const Error& error) {
  return fail_field(Errc::kInvalid, what, "{} {}: {}", what, index + 1, describe(error));
}

}  // namespace

Result<PipelineConfig> parse_pipelines(std::string_view yaml, PipelineKind kind) {
  SENT_TRY_ASSIGN(const json::value document, read_yaml(yaml));
  if (!document.is_object()) return fail(Errc::kInvalid, "a pipeline file has sources and sinks");
  SENT_TRY_ASSIGN(const auto* sinks, list_of(document.get_object(), "sinks"));
  SENT_TRY_ASSIGN(const auto* sources, list_of(document.get_object(), "sources"));
  PipelineConfig config;
  std::set<std::string> sink_names, source_names;
  for (std::size_t i = 0; i < sinks->size(); ++i) {
    if (!(*sinks)[i].is_object()) return fail_field(Errc::kInvalid, "sinks", "must be mappings");
    auto sink = read_sink((*sinks)[i].get_object(), sink_names, kind);
    if (!sink) return in("sink", i, sink.error());
    config.sinks.push_back(*std::move(sink));
  }
  for (std::size_t i = 0; i < sources->size(); ++i) {
    if (!(*sources)[i].is_object()) return fail_field(Errc::kInvalid, "sources", "must be mappings");
    auto source = read_source((*sources)[i].get_object(), source_names, sink_names, kind);
    if (!source) return in("source", i, source.error());
    config.sources.push_back(*std::move(source));
  }
  return config;
}

}  // namespace sentinella::telemetry
