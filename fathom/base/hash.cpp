#include "fathom/base/hash.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <xxhash.h>

#include <array>
#include <fstream>
#include <vector>

#include "fathom/base/error.h"

namespace fathom {

namespace {

/// Any digest that OpenSSL knows.
class Digest {
 public:
  explicit Digest(const EVP_MD* algorithm) {
    FATHOM_CHECK(evp_ && EVP_DigestInit_ex(evp_, algorithm, nullptr) == 1);
  }
  ~Digest() { EVP_MD_CTX_free(evp_); }
  Digest(const Digest&) = delete;
  Digest& operator=(const Digest&) = delete;

  void update(const void* bytes, std::size_t count) {
    FATHOM_CHECK(EVP_DigestUpdate(evp_, bytes, count) == 1);
  }

  std::string hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    FATHOM_CHECK(EVP_DigestFinal_ex(evp_, digest.data(), &size) == 1);
    std::string text;
    for (unsigned i = 0; i < size; ++i) text += fmt::format("{:02x}", digest[i]);
    return text;
  }

 private:
  EVP_MD_CTX* evp_ = EVP_MD_CTX_new();
};

std::string file_digest(const std::filesystem::path& path, const EVP_MD* algorithm) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw Error(fmt::format("{}: cannot read", path.string()));
  Digest digest(algorithm);
  std::vector<char> buffer(1 << 20);
  while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || in.gcount() > 0) {
    digest.update(buffer.data(), static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad()) throw Error(fmt::format("{}: reading stopped before the end", path.string()));
  return digest.hex();
}

}  // namespace

struct Sha256::Context {
  Digest digest{EVP_sha256()};
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

Sha256& Sha256::update(std::span<const std::byte> bytes) {
  context_->digest.update(bytes.data(), bytes.size());
  return *this;
}

Sha256& Sha256::update(std::string_view text) {
  return update(std::as_bytes(std::span(text.data(), text.size())));
}

std::string Sha256::hex() { return context_->digest.hex(); }

std::string sha256_hex(std::string_view text) { return Sha256().update(text).hex(); }

std::string sha256_file(const std::filesystem::path& path) {
  return file_digest(path, EVP_sha256());
}

std::string md5_file(const std::filesystem::path& path) { return file_digest(path, EVP_md5()); }

std::uint64_t xxh3(std::span<const std::byte> bytes) {
  return XXH3_64bits(bytes.data(), bytes.size());
}

std::uint64_t xxh3(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

std::string hex(std::uint64_t value) { return fmt::format("{:016x}", value); }

}  // namespace fathom
