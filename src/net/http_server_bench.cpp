// Keep-alive round trips through server and client, both in this process.
#include <benchmark/benchmark.h>

#include "net/http_client.h"
#include "net/http_server.h"

namespace sentinella::net {
namespace {

void round_trip(benchmark::State& state) {
  const auto server = start_http_server({}, [](Request request, Respond respond) {
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
BENCHMARK(round_trip)->Arg(200)->Arg(64 << 10)->Arg(1 << 20)->UseRealTime();

}  // namespace
}  // namespace sentinella::net

BENCHMARK_MAIN();
