#include "fathom/data/cleared.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "fathom/base/csv.h"
#include "fathom/base/error.h"
#include "fathom/data/listing.h"

namespace fathom::data {

void read_cleared(Dataset& dataset, const std::filesystem::path& file) {
  const CsvTable table = read_csv(file);
  const auto columns = find_columns(table, {"path", "family"}, file.string());
  std::map<std::string, std::set<std::string>> families;
  std::set<std::string> images;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const std::string& id = table.rows[row][columns[0]];
    const std::string family = trimmed(table.rows[row][columns[1]]);
    const std::string at = fmt::format("{}:{}: ", file.string(), table.lines[row]);
    const auto found = std::ranges::lower_bound(dataset.samples, id, {}, &Sample::id);
    if (found == dataset.samples.end() || found->id != id) {
      throw Error(at + "'" + internal::escaped(id) +
                  "' is no image of this data set; remove its family, or correct the path");
    }
    if (family.empty()) throw Error(at + "the family is empty");
    if (!families[family].insert(id).second) {
      throw Error(at + "'" + internal::escaped(id) + "' was already listed in this family");
    }
    images.insert(id);
  }
  for (const auto& [name, members] : families) {
    if (members.size() < 2) {
      throw Error(
          fmt::format("{}: family '{}' has one image, '{}'; at least two are cleared of "
                      "looking alike",
                      file.string(), internal::escaped(name), *members.begin()));
    }
    dataset.cleared.emplace_back(members.begin(), members.end());
  }
  if (families.empty()) return;
  dataset.cautions.push_back(fmt::format(
      "{} famil{} of {} images that look alike {} cleared by {}: people found different pictures "
      "in them, so their likeness counts as no leak.",
      families.size(), families.size() == 1 ? "y" : "ies", images.size(),
      families.size() == 1 ? "is" : "are", file.string()));
}

}  // namespace fathom::data
