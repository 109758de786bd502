// The members of a zip archive that is not trusted, by name, inflated into memory. Not for what is
// in them. Internal to weights/.
#pragma once

#include <zip.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "fathom/weights/allocation_budget.h"

namespace fathom::weights {

class ZipMembers {
 public:
  using Buffer = std::shared_ptr<const std::vector<std::byte>>;

  /// `bytes`, the whole archive, must outlive it. Throws Error "WHERE: ...": a broken archive, too
  /// many members (kMaxZipMembers), a name that stands twice.
  ZipMembers(std::span<const std::byte> bytes, std::string where);

  bool has(const std::string& name) const { return indices_.contains(name); }

  /// The names of all members, in their order.
  std::vector<std::string> names() const;

  /// The content of a member, of at most `most` bytes and within the budget; libzip checks its CRC.
  /// Throws Error naming the member, also where it is packed otherwise than stored or deflated.
  Buffer read(const std::string& name,
              std::uint64_t most = std::numeric_limits<std::uint64_t>::max());

  AllocationBudget& budget() { return budget_; }

 private:
  [[noreturn]] void fail(const std::string& name, const std::string& reason) const;

  struct Close {
    void operator()(zip_t* archive) const { zip_discard(archive); }
    void operator()(zip_file_t* member) const { zip_fclose(member); }
  };

  std::string where_;
  AllocationBudget budget_;
  std::unique_ptr<zip_t, Close> archive_;
  std::map<std::string, zip_uint64_t> indices_;
};

}  // namespace fathom::weights
