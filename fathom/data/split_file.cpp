#include "fathom/data/split_file.h"

#include <fmt/format.h>

#include <map>

#include "fathom/base/csv.h"
#include "fathom/base/error.h"
#include "fathom/data/listing.h"

namespace fathom::data {
namespace {

/// A cell as a part. What it holds is not told otherwise: the column may be one of patients.
Split part_in(const std::string& cell, const std::string& column) {
  try {
    return split_from_name(cell);
  } catch (const Error&) {
    const std::string near = nearest_name(cell, {"train", "valid", "test", "none"});
    throw Error(fmt::format(
        "the column '{}' holds no part{}. Allowed: train, valid, test, none; a "
        "column of other things than parts must be left out",
        internal::escaped(column), near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
  }
}

/// Takes the cells of one row, but for the path, as the parts of one image.
void read_row(const CsvTable& table, std::size_t row, std::size_t path, std::size_t sample,
              std::vector<Assignment>& assignments) {
  std::size_t fold = 0;
  for (std::size_t column = 0; column < table.columns.size(); ++column) {
    if (column == path) continue;
    assignments[fold++][sample] = part_in(table.rows[row][column], table.columns[column]);
  }
}

}  // namespace

std::string split_table(const Dataset& dataset, const std::vector<Assignment>& assignments) {
  std::vector<std::string> cells = {"path"};
  for (std::size_t fold = 1; fold <= assignments.size(); ++fold) {
    cells.push_back(fmt::format("split_{}", fold));
  }
  std::string text = csv_line(cells);
  for (std::size_t i = 0; i < dataset.samples.size(); ++i) {
    cells = {dataset.samples[i].id};
    for (const Assignment& assignment : assignments) cells.push_back(split_name(assignment[i]));
    text += csv_line(cells);
  }
  return text;
}

std::vector<Assignment> read_split_table(const Dataset& dataset,
                                         const std::filesystem::path& file) {
  const CsvTable table = read_csv(file);
  const std::size_t path = find_columns(table, {"path"}, file.string())[0];
  if (table.columns.size() < 2) {
    throw Error(file.string() + ":1: no column of parts (split_1, ...) beside 'path'");
  }
  std::map<std::string_view, std::size_t> unseen;
  for (std::size_t i = 0; i < dataset.samples.size(); ++i) unseen[dataset.samples[i].id] = i;
  std::vector<Assignment> assignments(table.columns.size() - 1,
                                      Assignment(dataset.samples.size(), Split::none));
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const auto& cells = table.rows[row];
    const std::string at = fmt::format("{}:{}: ", file.string(), table.lines[row]);
    const auto image = unseen.find(cells[path]);
    if (image == unseen.end()) {
      throw Error(fmt::format("{}'{}' is no image of this data set, or is listed twice", at,
                              internal::escaped(cells[path])));
    }
    try {
      read_row(table, row, path, image->second, assignments);
    } catch (const Error& error) {
      throw Error(at + error.what());
    }
    unseen.erase(image);
  }
  if (!unseen.empty()) {
    throw Error(fmt::format("{}: no row for the image '{}'; write 'none' for what is not used",
                            file.string(), unseen.begin()->first));
  }
  return assignments;
}

}  // namespace fathom::data
