#include "fathom/base/http_transfer.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <memory>
#include <optional>
#include <thread>

#include "fathom/base/atomic_file.h"
#include "fathom/base/error.h"
#include "fathom/base/log.h"

namespace fathom::internal {
namespace fs = std::filesystem;
namespace {

constexpr long kMaxRedirects = 5;
constexpr long kConnectSeconds = 30;
constexpr long kSlowBytesPerSecond = 100;
constexpr std::size_t kLongestTag = 1000;
constexpr std::uint64_t kWorthOfATry = 1 << 20;

/// Beside a part file: the entity tag of the version that it holds the beginning of.
fs::path tag_file(const fs::path& part) { return part.string() + ".etag"; }

/// The bytes that have come so far, on disk.
class PartFile {
 public:
  explicit PartFile(const fs::path& path)
      : path_(path), fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) {
    struct stat status {};
    if (fd_ < 0 || ::fstat(fd_, &status) != 0) throw failure("cannot open");
    size_ = static_cast<std::uint64_t>(status.st_size);
    std::error_code none;
    if (size_ > 0 && fs::exists(tag_file(path), none))
      tag_ = read_file(tag_file(path), kLongestTag);
  }
  ~PartFile() { ::close(fd_); }
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  std::uint64_t size() const { return size_; }
  const std::string& tag() const { return tag_; }

  void append(const char* bytes, std::size_t count) {
    while (count > 0) {
      const ssize_t written = ::write(fd_, bytes, count);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) throw failure("cannot write");
      bytes += written;
      count -= static_cast<std::size_t>(written);
      size_ += static_cast<std::uint64_t>(written);
    }
  }

  /// Empties the file for a version with this entity tag.
  void restart(const std::string& tag) {
    if (::ftruncate(fd_, 0) != 0) throw failure("cannot write");
    size_ = 0;
    tag_ = tag;
    std::error_code none;
    fs::remove(tag_file(path_), none);
    if (!tag.empty()) write_file_atomically(tag_file(path_), tag);
  }

  void sync() {
    if (::fsync(fd_) != 0) throw failure("cannot sync");
  }

 private:
  Error failure(const char* what) const {
    return Error(fmt::format("{}: {}: {}", path_.string(), what, std::strerror(errno)));
  }

  fs::path path_;
  int fd_;
  std::uint64_t size_ = 0;
  std::string tag_;
};

/// What is taken from the header lines of a response.
struct ResponseHeaders {
  std::string tag;                      ///< strong entity tag, with its quotes
  std::optional<std::uint64_t> first;   ///< Content-Range: offset of the first byte
  std::optional<std::uint64_t> total;   ///< Content-Range: bytes of the whole file
  std::optional<std::uint64_t> length;  ///< Content-Length: bytes of this response

  void read(std::string_view line);

 private:
  void read_range(std::string_view value);
};

/// The number that `text` begins with.
std::optional<std::uint64_t> number_at_front(std::string_view text) {
  std::uint64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  return read.ec == std::errc() ? std::optional(number) : std::nullopt;
}

/// "bytes 100-199/200", or "bytes */200" from a server that has nothing more.
void ResponseHeaders::read_range(std::string_view value) {
  constexpr std::string_view kUnit = "bytes ";
  const std::size_t slash = value.find('/');
  if (!value.starts_with(kUnit) || slash == std::string_view::npos) return;
  first = number_at_front(value.substr(kUnit.size()));
  total = number_at_front(value.substr(slash + 1));
}

void ResponseHeaders::read(std::string_view line) {
  if (line.starts_with("HTTP/")) *this = {};  // of a redirect or a proxy before this one
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return;
  std::string name(line.substr(0, colon));
  std::ranges::transform(name, name.begin(), [](unsigned char c) { return std::tolower(c); });
  std::string value(line.substr(colon + 1));
  value.erase(0, value.find_first_not_of(" \t"));
  value.erase(value.find_last_not_of(" \t\r\n") + 1);
  if (name == "etag" && value.starts_with('"') && value.size() <= kLongestTag) tag = value;
  if (name == "content-range") read_range(value);
  if (name == "content-length") length = number_at_front(value);
}

/// What became of one request.
enum class Outcome { complete, again, hopeless };

/// One file from one address.
class Transfer {
 public:
  Transfer(std::string url, const fs::path& part, std::uint64_t bytes,
           const DownloadOptions& options)
      : url_(std::move(url)),
        part_(part),
        bytes_(bytes),
        most_(bytes != 0 ? bytes : options.max_bytes),
        options_(options) {
    if (part_.size() > most_) part_.restart("");
  }

  void run();

 private:
  struct Cleanup {
    void operator()(CURL* curl) const { ::curl_easy_cleanup(curl); }
    void operator()(curl_slist* list) const { ::curl_slist_free_all(list); }
  };

  Outcome request();
  void set_options(CURL* curl, curl_slist* headers);
  Outcome judge(CURLcode code);
  void give_up_body(const std::string& reason, bool hopeless);
  bool begin_body();
  bool take_body(const char* bytes, std::size_t count);
  bool go_on(std::uint64_t total) const {
    return !options_.progress || options_.progress(part_.size(), total);
  }
  void wait(double seconds) const;

  static std::size_t on_header(char* line, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self);
  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t);

  const std::string url_;
  PartFile part_;
  const std::uint64_t bytes_, most_;
  const DownloadOptions& options_;

  CURL* curl_ = nullptr;  ///< of the request that runs
  ResponseHeaders headers_;
  bool body_began_ = false, hopeless_ = false, stopped_ = false;
  bool connected_ = false;  ///< some request has reached the server
  std::string reason_;      ///< why the last request did not complete the file
  double retry_after_ = 0;  ///< seconds that the server asked for
};

std::size_t Transfer::on_header(char* line, std::size_t size, std::size_t count, void* self) {
  static_cast<Transfer*>(self)->headers_.read({line, size * count});
  return size * count;
}

std::size_t Transfer::on_body(char* bytes, std::size_t size, std::size_t count, void* self) {
  auto* transfer = static_cast<Transfer*>(self);
  bool taken = false;
  try {
    taken = transfer->take_body(bytes, size * count);
  } catch (const Error& error) {  // no exception may pass through libcurl
    transfer->give_up_body(error.what(), /*hopeless=*/true);
  }
  return taken ? size * count : CURL_WRITEFUNC_ERROR;
}

int Transfer::on_progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  auto* transfer = static_cast<Transfer*>(self);
  const ResponseHeaders& headers = transfer->headers_;
  const std::uint64_t known = headers.total.value_or(headers.length.value_or(0));
  transfer->stopped_ = !transfer->go_on(transfer->bytes_ != 0 ? transfer->bytes_ : known);
  return transfer->stopped_ ? 1 : 0;
}

void Transfer::give_up_body(const std::string& reason, bool hopeless) {
  reason_ = reason;
  hopeless_ = hopeless;
}

/// Whether the body that begins now fits what is there; a whole file replaces it.
bool Transfer::begin_body() {
  body_began_ = true;
  long status = 0;
  ::curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
  const std::uint64_t all = (status == 206 ? headers_.total : headers_.length).value_or(bytes_);
  if (bytes_ != 0 && all != bytes_) {
    give_up_body(fmt::format("the server has {} bytes; the published file has {}", all, bytes_),
                 /*hopeless=*/true);
    return false;
  }
  if (status == 206) {
    if (headers_.first == part_.size()) return true;
    part_.restart("");
    give_up_body("the server sent another part than was asked for", /*hopeless=*/false);
    return false;
  }
  part_.restart(headers_.tag);
  return true;
}

bool Transfer::take_body(const char* bytes, std::size_t count) {
  if (!body_began_ && !begin_body()) return false;
  if (count > most_ - part_.size()) {
    part_.restart("");
    give_up_body(fmt::format("the server sends more than {} bytes", most_), /*hopeless=*/true);
    return false;
  }
  part_.append(bytes, count);
  return true;
}

void Transfer::set_options(CURL* curl, curl_slist* headers) {
  const auto set = [curl](CURLoption option, auto value) {
    FATHOM_CHECK(::curl_easy_setopt(curl, option, value) == CURLE_OK);
  };
  const bool secure = url_.starts_with("https:");
  set(CURLOPT_URL, url_.c_str());
  set(CURLOPT_USERAGENT, "fathom");
  set(CURLOPT_HTTPHEADER, headers);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_FAILONERROR, 1L);
  set(CURLOPT_FOLLOWLOCATION, 1L);
  set(CURLOPT_MAXREDIRS, kMaxRedirects);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_REDIR_PROTOCOLS_STR, secure ? "https" : "http,https");
  set(CURLOPT_CONNECTTIMEOUT, kConnectSeconds);
  set(CURLOPT_LOW_SPEED_LIMIT, kSlowBytesPerSecond);
  set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(options_.stall_seconds));
  set(CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  set(CURLOPT_HEADERDATA, this);
  set(CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  set(CURLOPT_WRITEDATA, this);
  set(CURLOPT_XFERINFOFUNCTION, &Transfer::on_progress);
  set(CURLOPT_XFERINFODATA, this);
  set(CURLOPT_NOPROGRESS, 0L);
}

Outcome Transfer::request() {
  const std::unique_ptr<CURL, Cleanup> curl(::curl_easy_init());
  FATHOM_CHECK(curl);
  std::unique_ptr<curl_slist, Cleanup> headers;
  if (part_.size() > 0 && !part_.tag().empty()) {
    headers.reset(::curl_slist_append(nullptr, ("If-Range: " + part_.tag()).c_str()));
  }
  set_options(curl.get(), headers.get());
  if (part_.size() > 0) {
    ::curl_easy_setopt(curl.get(), CURLOPT_RANGE, fmt::format("{}-", part_.size()).c_str());
  }
  std::array<char, CURL_ERROR_SIZE> message{};
  ::curl_easy_setopt(curl.get(), CURLOPT_ERRORBUFFER, message.data());
  headers_ = {};
  body_began_ = hopeless_ = false;
  retry_after_ = 0;
  reason_.clear();
  curl_ = curl.get();
  const CURLcode code = ::curl_easy_perform(curl.get());
  if (reason_.empty()) reason_ = message[0] != '\0' ? message.data() : ::curl_easy_strerror(code);
  const Outcome outcome = judge(code);
  curl_ = nullptr;
  return outcome;
}

Outcome Transfer::judge(CURLcode code) {
  if (stopped_) throw Interrupted();
  long status = 0;
  ::curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &status);
  connected_ = connected_ || status != 0;
  if (hopeless_) return Outcome::hopeless;
  if (status == 416) {  // nothing lies behind what we have, or what we have is of another file
    if (part_.size() > 0 && headers_.total == part_.size()) return Outcome::complete;
    part_.restart("");
    return Outcome::again;
  }
  switch (code) {
    case CURLE_OK:
      if (bytes_ == 0 || part_.size() == bytes_) return Outcome::complete;
      reason_ = fmt::format("the server ended after {} of {} bytes", part_.size(), bytes_);
      return Outcome::again;
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
    case CURLE_TOO_MANY_REDIRECTS:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return Outcome::hopeless;
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
      // Without internet nobody wants to wait for the last try.
      return connected_ ? Outcome::again : Outcome::hopeless;
    case CURLE_HTTP_RETURNED_ERROR: {
      curl_off_t seconds = 0;
      ::curl_easy_getinfo(curl_, CURLINFO_RETRY_AFTER, &seconds);
      retry_after_ = static_cast<double>(seconds);
      const bool passing = status >= 500 || status == 408 || status == 425 || status == 429;
      return passing ? Outcome::again : Outcome::hopeless;
    }
    default:
      return Outcome::again;
  }
}

/// Sleeps, but not when asked to stop.
void Transfer::wait(double seconds) const {
  using Clock = std::chrono::steady_clock;
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  while (Clock::now() < end) {
    if (!go_on(bytes_)) throw Interrupted();
    const std::chrono::duration<double> left = end - Clock::now();
    std::this_thread::sleep_for(std::min(left, std::chrono::duration<double>(0.1)));
  }
}

void Transfer::run() {
  constexpr double kLongestWait = 60;
  std::uint64_t farthest = part_.size();
  double pause = options_.first_wait;
  for (int tries = 1; bytes_ == 0 || part_.size() != bytes_; ++tries) {
    const Outcome outcome = request();
    if (outcome == Outcome::complete) break;
    if (outcome == Outcome::hopeless) throw Error(reason_);
    if (part_.size() >= farthest + kWorthOfATry) {
      farthest = part_.size();
      tries = 1;
      pause = options_.first_wait;
    }
    if (tries >= options_.tries) {
      throw Error(fmt::format("{} ({} tries); the same command goes on at byte {}", reason_, tries,
                              part_.size()));
    }
    log_warning("{}: {}; trying again from byte {}", url_, reason_, part_.size());
    wait(std::min(std::max(pause, retry_after_), kLongestWait));
    pause *= 2;
  }
  part_.sync();
}

}  // namespace

void transfer(const std::string& url, const fs::path& part, std::uint64_t bytes,
              const DownloadOptions& options) {
  static const CURLcode ready = ::curl_global_init(CURL_GLOBAL_DEFAULT);
  FATHOM_CHECK(ready == CURLE_OK);
  Transfer(url, part, bytes, options).run();
}

void remove_part(const fs::path& part) {
  std::error_code none;
  fs::remove(part, none);
  fs::remove(tag_file(part), none);
}

}  // namespace fathom::internal
