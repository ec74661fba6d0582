// Keep-alive round trips through server and client, both in this process: on a worker's thread, and quick
// ones on the I/O thread.
#include <benchmark/benchmark.h>

#include "net/http_client.h"
#include "net/http_server.h"

namespace sentinella::net {
namespace {

void round_trip(benchmark::State& state) {
  ListenOptions options;
  if (state.range(1) != 0) options.quick = [](const Request&) { return true; };
  const auto server = start_http_server(options, [](Request request, Respond respond) {
    Response response;
    response.body = std::move(request.body);
    respond(std::move(response));
  });
  HttpClient client;
  const ClientRequest request{.method = "POST",
                              .url = fmt::format("http://127.0.0.1:{}/", (*server)->port()),
                              .body = std::string(static_cast<std::size_t>(state.range(0)), 'x')};
  for (auto _ : state)
    if (!client.send(request)) return state.SkipWithError("no answer");
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(round_trip)
    ->ArgNames({"bytes", "quick"})
    ->ArgsProduct({{200, 2'700, 64 << 10, 1 << 20}, {0, 1}})
    ->MeasureProcessCPUTime()
    ->UseRealTime();

}  // namespace
}  // namespace sentinella::net

BENCHMARK_MAIN();
