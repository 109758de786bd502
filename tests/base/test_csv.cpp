#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fathom/base/atomic_file.h"
#include "fathom/base/csv.h"
#include "fathom/base/json.h"
#include "tests/support.h"

namespace fathom {
namespace {

using testing::ElementsAre;
using tests::error_of;
using Row = std::vector<std::string>;

std::string refusal(std::string_view text) {
  return error_of([&] { parse_csv(text, "labels.csv"); });
}

TEST(Csv, PlainTable) {
  const CsvTable table = parse_csv("path,label\na.png,benign\nb.png,malignant\n", "labels.csv");
  EXPECT_THAT(table.columns, ElementsAre("path", "label"));
  EXPECT_THAT(table.rows, ElementsAre(Row{"a.png", "benign"}, Row{"b.png", "malignant"}));
  EXPECT_THAT(table.lines, ElementsAre(2, 3));
  EXPECT_EQ(table.find("label"), 1);
  EXPECT_EQ(table.find("group"), -1);
}

TEST(Csv, QuotesCommasAndLineBreaksInQuotes) {
  const CsvTable table = parse_csv("a,b\n\"x, \"\"y\"\"\",\"two\nlines\"\nlast,row", "t");
  EXPECT_THAT(table.rows, ElementsAre(Row{"x, \"y\"", "two\nlines"}, Row{"last", "row"}));
  EXPECT_THAT(table.lines, ElementsAre(2, 4)) << "a row starts where its first cell does";
}

TEST(Csv, ByteOrderMarksInFrontAreDroppedAndWrittenOnesKept) {
  EXPECT_EQ(parse_csv("\xef\xbb\xbf\xef\xbb\xbfpath\n", "t").columns[0], "path");
  const std::string marked = "\xef\xbb\xbfpath";
  EXPECT_EQ(parse_csv(csv_line({marked}), "t").columns[0], marked);
}

TEST(Csv, AWrittenNameThatBeginsAsUtf16DoesIsReadAgain) {  // found by tests/fuzz/fuzz_csv.cpp
  const CsvTable table = parse_csv("\"\xfe\xff\xff\xfbp.pnpg\",x-,", "t");
  EXPECT_EQ(parse_csv(csv_line(table.columns), "t").columns, table.columns);
  EXPECT_EQ(parse_csv(csv_line({"\xff\xfe", "a"}), "t").columns[0], "\xff\xfe");
}

TEST(Csv, ByteOrderMarkAndWindowsLineEnds) {
  const CsvTable table = parse_csv("\xef\xbb\xbfpath,label\r\na.png,1\r\n\r\nb.png,2\r\n", "t");
  EXPECT_EQ(table.find("path"), 0);
  EXPECT_THAT(table.rows, ElementsAre(Row{"a.png", "1"}, Row{"b.png", "2"}));
  EXPECT_THAT(table.lines, ElementsAre(2, 4));
}

TEST(Csv, EmptyLinesAreNoRowsButAQuotedEmptyCellIs) {
  EXPECT_THAT(parse_csv("a\n\n\"\"\nx\n\n", "t").rows, ElementsAre(Row{""}, Row{"x"}));
}

TEST(Csv, UnevenRowNamesFileLineAndCounts) {
  EXPECT_EQ(refusal("a,b\n1,2\n1,2,3\n"),
            "labels.csv:3: 3 cells, but the first line names 2 columns");
  EXPECT_EQ(refusal("a,b\n\"1\n\",2\n1\n"),
            "labels.csv:4: 1 cells, but the first line names 2 columns");
}

TEST(Csv, OpenQuoteNamesTheLineWhereItOpened) {
  EXPECT_EQ(refusal("a,b\n1,\"2\n3,4\n"), "labels.csv:2: the quote opened here is never closed");
}

TEST(Csv, OtherBrokenText) {
  EXPECT_EQ(refusal("a,b\n\"1\"x,2\n"), "labels.csv:2: text after a closing quote");
  EXPECT_THAT(refusal("a,b\r1,2\r"), testing::StartsWith("labels.csv:1: a carriage return"));
  EXPECT_EQ(refusal("path,label,path\n"), "labels.csv:1: column 'path' appears twice");
  EXPECT_THAT(refusal(""), testing::StartsWith("labels.csv: empty"));
  EXPECT_THAT(refusal("\xef\xbb\xbf"), testing::StartsWith("labels.csv: empty"));
}

TEST(Csv, WhatSpreadsheetsAlsoCallCsvIsRefusedWithAdvice) {
  for (const char* text :
       {"path;label\na.png;x\n", "path\tlabel\r\na.png\tx\r\n", "sep=;\na;b\n"}) {
    EXPECT_THAT(refusal(text),
                testing::AllOf(testing::HasSubstr("not by commas"),
                               testing::HasSubstr("save it as comma-separated UTF-8")))
        << text;
  }
  const std::string letters("p\0a\0t\0h\0\r\0\n\0", 12);
  for (const std::string& text : {letters, "\xff\xfe" + letters, std::string("\xfe\xff\0p", 4)}) {
    EXPECT_THAT(refusal(text), testing::HasSubstr("labels.csv: not UTF-8 text (UTF-16, perhaps)"));
  }
}

TEST(Csv, LineQuotesOnlyWhereNeeded) {
  EXPECT_EQ(csv_line({"a b", "1,5", "say \"x\"", ""}), "a b,\"1,5\",\"say \"\"x\"\"\",\n");
  EXPECT_EQ(csv_line({""}), "\"\"\n");
}

TEST(Csv, ReadsAndWritesWhatPythonDoes) {
  const tests::TemporaryFolder folder;
  const int count = 40;
  tests::run_oracle("csv_tables.py", {folder.path().string(), std::to_string(count)});
  std::string rewritten;
  Json all_rows = Json::array();
  for (int i = 0; i < count; ++i) {
    const CsvTable table = read_csv(folder / (std::to_string(i) + ".csv"));
    Json rows = table.rows;
    rows.insert(rows.begin(), Json(table.columns));
    EXPECT_EQ(rows, read_json(folder / (std::to_string(i) + ".json"))) << i;
    for (const Json& row : rows) {
      rewritten += csv_line(row.get<Row>());
      all_rows.push_back(row);
    }
  }
  write_file_atomically(folder / "rewritten.csv", rewritten);
  const std::string read = tests::run_oracle("csv_read.py", {folder / "rewritten.csv"});
  EXPECT_EQ(Json::parse(read), all_rows);
}

}  // namespace
}  // namespace fathom
