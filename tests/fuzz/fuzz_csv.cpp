// Any text is a table or an Error, and a table that is written again is the same table.
#include "fathom/base/csv.h"
#include "fathom/base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  fathom::CsvTable table;
  try {
    table = fathom::parse_csv(text, "input");
  } catch (const fathom::Error&) {
    return 0;
  }
  std::string again = fathom::csv_line(table.columns);
  for (const auto& row : table.rows) again += fathom::csv_line(row);
  const fathom::CsvTable second = fathom::parse_csv(again, "again");
  FATHOM_CHECK(second.columns == table.columns && second.rows == table.rows);
  return 0;
}
