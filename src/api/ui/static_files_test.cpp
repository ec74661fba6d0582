#include "api/ui/static_files.h"

#include <gtest/gtest.h>

#include "base/compress.h"
#include "base/crypto.h"
#include "base/file.h"

namespace sentinella::api {
namespace {

class StaticFilesTest : public testing::Test {
 protected:
  StaticFilesTest() : root(std::filesystem::temp_directory_path() / ("ui-" + to_hex(random_bytes(8)))) {
    put("site/index.html", "<!doctype html>");
    put("site/assets/index-DiwrgTda.js", "let x;");
    put("site/assets/index-DiwrgTda.js.gz", gzip_compress("let x;"));
    put("site/favicon.svg", "<svg/>");
    put("secret.txt", "outside");
    std::filesystem::create_symlink(root / "secret.txt", root / "site/link.txt");
  }
  ~StaticFilesTest() override { std::filesystem::remove_all(root); }

  void put(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((root / name).parent_path());
    ASSERT_TRUE(write_file_atomic(root / name, text));
  }
  std::optional<net::Response> get(const std::string& path, const std::string& header = "",
                                   const std::string& value = "") {
    auto loaded = StaticFiles::load(root / "site");
    EXPECT_TRUE(loaded);
    net::Request request;
    request.method = "GET";
    request.path = path;
    if (!header.empty()) request.headers.set(header, value);
    return loaded->answer(request);
  }

  std::filesystem::path root;
};

TEST_F(StaticFilesTest, ServesFilesWithTheirTypes) {
  EXPECT_EQ(get("/favicon.svg")->body, "<svg/>");
  EXPECT_EQ(get("/favicon.svg")->headers.get("Content-Type"), "image/svg+xml");
  EXPECT_EQ(get("/assets/index-DiwrgTda.js")->headers.get("Content-Type"), "text/javascript; charset=utf-8");
  EXPECT_EQ(get("/")->headers.get("Content-Type"), "text/html; charset=utf-8");
}

TEST_F(StaticFilesTest, PagesOfTheUiAreItsIndex) {
  for (const auto* path : {"/", "/login", "/alerts/7c0f", "/nodes/compute1", "/nodes/compute1.example.org",
                           "/services/nova-compute@ceph.1"})
    EXPECT_EQ(get(path)->body, "<!doctype html>") << path;
}

TEST_F(StaticFilesTest, AFileThatIsNotThereIsNoPage) {
  for (const auto* path : {"/favicon.ico", "/assets/index-00000000.js"}) EXPECT_FALSE(get(path)) << path;
}

TEST_F(StaticFilesTest, NothingOutsideTheDirectoryIsServed) {
  for (const auto* path : {"/../secret.txt", "/assets/../../secret.txt", "//etc/passwd.txt", "/link.txt",
                           "/..\\secret.txt", "/./favicon.svg", "/assets/missing.js", "/favicon.svg/.."}) {
    const auto response = get(path);
    EXPECT_TRUE(!response || response->body == "<!doctype html>") << path;
  }
}

TEST_F(StaticFilesTest, AClientThatTakesGzipGetsIt) {
  const auto packed = get("/assets/index-DiwrgTda.js", "Accept-Encoding", "br, gzip;q=0.8");
  EXPECT_EQ(packed->headers.get("Content-Encoding"), "gzip");
  EXPECT_EQ(gzip_decompress(packed->body, 100).value(), "let x;");
  for (const auto* refusing : {"", "br", "gzip;q=0"}) {
    const auto plain = get("/assets/index-DiwrgTda.js", "Accept-Encoding", refusing);
    EXPECT_FALSE(plain->headers.has("Content-Encoding")) << refusing;
    EXPECT_EQ(plain->headers.get("Vary"), "Accept-Encoding");
  }
}

TEST_F(StaticFilesTest, AnUnchangedFileIsNotSentAgain) {
  const auto etag = std::string(get("/favicon.svg")->headers.get("ETag"));
  EXPECT_EQ(get("/favicon.svg", "If-None-Match", "\"other\", W/" + etag)->status, 304);
  EXPECT_EQ(get("/favicon.svg", "If-None-Match", "\"other\"")->status, 200);
}

TEST_F(StaticFilesTest, OnlyNamesWithAHashAreCachedForGood) {
  EXPECT_EQ(get("/assets/index-DiwrgTda.js")->headers.get("Cache-Control"),
            "public, max-age=31536000, immutable");
  EXPECT_EQ(get("/")->headers.get("Cache-Control"), "no-cache");
  EXPECT_EQ(get("/favicon.svg")->headers.get("Cache-Control"), "no-cache");
}

TEST_F(StaticFilesTest, ADirectoryWithoutAUiIsRefused) {
  EXPECT_EQ(StaticFiles::load(root / "nowhere").error().code, Errc::kNotFound);
  EXPECT_EQ(StaticFiles::load(root / "site/assets").error().code, Errc::kNotFound);
}

}  // namespace
}  // namespace sentinella::api
