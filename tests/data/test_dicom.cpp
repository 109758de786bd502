// What is particular to the source 'dicom'; what holds for all stands in test_source_contract.
#include <gmock/gmock.h>

#include "fathom/data/inspect.h"
#include "tests/data/source_examples.h"

namespace fathom::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class DicomSource : public testing::Test {
 protected:
  void SetUp() override {
    options_ = options_for(source_examples().at("dicom").write(folder_.path()));
  }
  void labels(const std::string& rows) {
    write_file_atomically(folder_ / "labels.csv", "path,label\n" + rows);
  }
  std::string error() {
    return tests::error_of([&] { open_dataset(options_); });
  }
  std::vector<std::string> column(std::string Sample::*member) {
    std::vector<std::string> all;
    for (const Sample& sample : open_dataset(options_).samples) all.push_back(sample.*member);
    return all;
  }

  static constexpr const char* kAll =
      "a/one.dcm,benign\na/IM0002,malignant\nb/three.dcm,benign\nb/loop.dcm,malignant\n";
  tests::TemporaryFolder folder_;
  DataOptions options_;
};

TEST_F(DicomSource, FramesAreImagesAndPatientsAreGroupsWithoutTheirNames) {
  EXPECT_THAT(column(&Sample::id),
              ElementsAre("a/IM0002", "a/one.dcm", "b/loop.dcm#000000", "b/loop.dcm#000001",
                          "b/loop.dcm#000002", "b/three.dcm"));
  EXPECT_THAT(column(&Sample::group),
              ElementsAre("patient-000001", "patient-000001", "patient-000002", "patient-000002",
                          "patient-000002", "patient-000002"));
  const Inspection inspection = inspect(options_);
  EXPECT_THAT(inspection.recognized, HasSubstr("labels.csv names the DICOM file"));
  std::vector<std::string> written = describe(inspection);
  written.insert(written.end(), {inspection.split_table, inspection.look_alike_table});
  for (const std::string& text : written) {
    EXPECT_THAT(text, Not(testing::AnyOf(HasSubstr("MUELLER"), HasSubstr("SMITH"))));
  }
}

TEST_F(DicomSource, PathsThatTellAPatientAreALeak) {
  EXPECT_THAT(open_dataset(options_).leaks, IsEmpty());
  std::filesystem::rename(folder_ / "a/one.dcm", folder_ / "a/x-Mueller_1965.dcm");
  labels(
      "a/x-Mueller_1965.dcm,benign\na/IM0002,malignant\nb/three.dcm,benign\n"
      "b/loop.dcm,malignant\n");
  const Dataset dataset = open_dataset(options_);
  EXPECT_THAT(dataset.leaks, ElementsAre(testing::AllOf(
                                 HasSubstr("that contain the file's PatientID: 1. Paths are"),
                                 Not(HasSubstr("ueller")))));
  EXPECT_EQ(find_leaks(dataset, {Assignment(dataset.samples.size())}), dataset.leaks);
}

TEST_F(DicomSource, ATableOfTheSourceCsvHidesItsPatientsToo) {
  options_.data = (folder_ / "labels.csv").string();
  options_.source = "csv";
  write_file_atomically(folder_ / "labels.csv",
                        "path,label,group\na/one.dcm,benign,MUELLER^1965\n"
                        "a/IM0002,malignant,MUELLER^1965\nb/three.dcm,benign,SMITH\n");
  EXPECT_THAT(column(&Sample::group), ElementsAre("group-000001", "group-000001", "group-000002"));
  labels("a/one.dcm,benign\na/IM0002,malignant\nb/three.dcm,benign\n");
  EXPECT_THAT(column(&Sample::group),
              ElementsAre("patient-000001", "patient-000001", "patient-000002"));
}

TEST_F(DicomSource, TheTableMayBeGivenItselfAndNameFilesInWindowsWays) {
  options_.data = (folder_ / "labels.csv").string();
  labels("a\\one.dcm,benign\n./a/IM0002,malignant\nb/three.dcm,benign\nb/loop.dcm,malignant\n");
  EXPECT_EQ(open_dataset(options_).source, "dicom");
  EXPECT_EQ(column(&Sample::id).size(), 6U);
}

TEST_F(DicomSource, AColumnGroupWins) {
  write_file_atomically(folder_ / "labels.csv",
                        "path,label,group\na/one.dcm,benign,x\na/IM0002,malignant,y\n"
                        "b/three.dcm,benign,z\nb/loop.dcm,malignant,z\n");
  EXPECT_THAT(column(&Sample::group), ElementsAre("y", "x", "z", "z", "z", "z"));
}

TEST_F(DicomSource, PatientIdsInTheTableAreNotWritten) {
  write_file_atomically(folder_ / "labels.csv",
                        "path,label,group\na/one.dcm,benign,mueller^1965\n"
                        "a/IM0002,malignant,other\nb/three.dcm,benign,other\n"
                        "b/loop.dcm,malignant,third\n");
  EXPECT_THAT(column(&Sample::group), ElementsAre("group-000002", "group-000001", "group-000003",
                                                  "group-000003", "group-000003", "group-000002"));
}

TEST_F(DicomSource, NorThoseOfAGroupsFile) {
  write_file_atomically(folder_ / "groups.csv",
                        "path,group\na/one.dcm,SMITH\na/IM0002,x\nb/three.dcm,x\n"
                        "b/loop.dcm#000000,x\nb/loop.dcm#000001,x\nb/loop.dcm#000002,x\n");
  for (const std::string& group : column(&Sample::group)) {
    EXPECT_THAT(group, testing::StartsWith("group-00000"));
  }
  EXPECT_THAT(open_dataset(options_).cautions,
              ElementsAre(HasSubstr("groups.csv; those that the data set itself tells")));
}

TEST_F(DicomSource, EmptyGroupsLeaveThePatients) {
  write_file_atomically(folder_ / "labels.csv",
                        "path,label,group\na/one.dcm,benign,\na/IM0002,malignant,\n"
                        "b/three.dcm,benign,\nb/loop.dcm,malignant,\n");
  EXPECT_THAT(column(&Sample::group).front(), "patient-000001");
  write_file_atomically(folder_ / "labels.csv",
                        "path,label,group\na/one.dcm,benign,x\na/IM0002,malignant,\n"
                        "b/three.dcm,benign,x\nb/loop.dcm,malignant,x\n");
  EXPECT_THAT(error(), HasSubstr("labels.csv:3: the group is empty, but other rows have one"));
}

TEST_F(DicomSource, IsKnownByAnyRowOfItsTable) {
  std::string rows;
  for (int i = 0; i < 30; ++i) {
    const std::string name = "p" + std::to_string(i) + ".png";
    write_image(folder_ / name, i);
    rows += name + ",benign\n";
  }
  options_.data = (folder_ / "labels.csv").string();
  labels(rows + kAll);
  EXPECT_THAT(error(), testing::AllOf(
                           HasSubstr("labels.csv:2: no DICOM file and no SOPInstanceUID 'p0.png'"),
                           HasSubstr("several kinds is read by --source csv")));
}

TEST_F(DicomSource, RowsAndFilesMustMatch) {
  labels("a/one.dcm,benign\na/IM0002,malignant\n");
  write_file_atomically(folder_ / "b/report.doc", "text");
  const Dataset dataset = open_dataset(options_);
  ASSERT_EQ(dataset.skipped.size(), 3U);
  EXPECT_EQ(dataset.skipped[0].id, "b/loop.dcm");
  EXPECT_EQ(dataset.skipped[0].reason, "has no row in the table");
  EXPECT_EQ(dataset.skipped[1].reason, "not a DICOM file");
  labels(std::string(kAll) + "c/four.dcm,benign\n");
  EXPECT_THAT(error(), HasSubstr("labels.csv:6: no DICOM file and no SOPInstanceUID 'c/four.dcm'"));
  labels(std::string(kAll) + "1.2.826.0.1.3680043.8.498.3,benign\n");
  EXPECT_THAT(error(), HasSubstr("labels.csv:6: 'b/three.dcm' was already listed in line 4"));
}

TEST_F(DicomSource, TwoFilesOfOneInstanceAreRefused) {
  std::filesystem::copy_file(folder_ / "b/three.dcm", folder_ / "b/copy.dcm");
  EXPECT_THAT(error(), HasSubstr("'b/copy.dcm' and 'b/three.dcm' have the same SOPInstanceUID"));
}

TEST_F(DicomSource, ADamagedFileIsAnErrorOrIsSkipped) {
  labels(kAll);
  write_file_atomically(folder_ / "b/three.dcm", read_file(folder_ / "b/three.dcm").substr(0, 400));
  Dataset dataset = open_dataset(options_);
  EXPECT_THAT(tests::error_of([&] { scan(dataset, false); }), HasSubstr("b/three.dcm: truncated"));
  scan(dataset, true);
  EXPECT_EQ(dataset.samples.size(), 5U);
  ASSERT_EQ(dataset.skipped.size(), 1U);
  EXPECT_EQ(dataset.skipped[0].id, "b/three.dcm");
}

TEST(DicomNameless, StudiesAndFilesAreGroupsWhereNoPatientIsNamed) {
  const tests::TemporaryFolder folder;
  tests::run_oracle("dicom_cases.py", {"nameless", folder.path().string()});
  DataOptions options;
  options.data = folder.path().string();
  const Dataset dataset = open_dataset(options);
  std::map<std::string, std::string> groups;
  for (const Sample& sample : dataset.samples) groups[sample.id] = sample.group;
  const std::map<std::string, std::string> expected = {
      {"a.dcm", "study-000001"},        {"b.dcm#000000", "study-000001"},
      {"b.dcm#000001", "study-000001"}, {"c.dcm#000000", "c.dcm"},
      {"c.dcm#000001", "c.dcm"},        {"d.dcm", ""},
      {"e.dcm", "patient-000001"}};
  EXPECT_EQ(groups, expected);
  EXPECT_THAT(dataset.cautions, ElementsAre(HasSubstr("Groups that are studies (StudyInstanceUID): "
                                                      "1. Their DICOM files name no patient")));
  EXPECT_THAT(doubts_of(dataset), ElementsAre(HasSubstr("that do: 2 (the first: 'c.dcm')")));
}

/// DICOM files with a table, a and b by turns, and what is made of them.
class NamedDicom : public testing::Test {
 protected:
  Dataset open(const std::vector<DicomNames>& files) {
    write_dicom(folder_.path(), files);
    std::string table = "path,label\n";
    for (std::size_t i = 0; i < files.size(); ++i)
      table += files[i].path + (i % 2 ? ",b\n" : ",a\n");
    write_file_atomically(folder_ / "labels.csv", table);
    return open();
  }
  Dataset open() { return open_dataset(options_for(folder_.path())); }
  /// By the files' paths.
  static std::vector<std::string> groups(const Dataset& dataset) {
    std::vector<std::string> all;
    for (const Sample& sample : dataset.samples) all.push_back(sample.group);
    return all;
  }
  tests::TemporaryFolder folder_;
};

TEST_F(NamedDicom, AStudyIsOneGroupWhereOnlySomeFilesNameThePatient) {
  const Dataset dataset = open({{"0.dcm", "", "1.2.3"},
                                {"1.dcm", "MUELLER^1965", "1.2.3"},
                                {"2.dcm", "MUELLER^1965", "1.2.4"},
                                {"3.dcm", "", "1.2.4"},
                                {"4.dcm", "SMITH", "1.2.5"}});
  EXPECT_THAT(groups(dataset), ElementsAre("patient-000001", "patient-000001", "patient-000001",
                                           "patient-000001", "patient-000002"));
}

TEST_F(NamedDicom, GroupsThatCutAPatientAreALeak) {
  open({{"0.dcm", "7", "1.2.3"}, {"1.dcm", "007", "1.2.4"}, {"2.dcm", "SMITH", "1.2.5"}});
  write_file_atomically(folder_ / "groups.csv", "path,group\n0.dcm,s1\n1.dcm,s2\n2.dcm,s3\n");
  const std::string patients =
      "(by the PatientID of DICOM files) with images in several groups: 1.";
  EXPECT_THAT(doubts_of(open()), ElementsAre(HasSubstr(patients)));
  EXPECT_THAT(find_leaks(open(), {{Split::train, Split::test, Split::test}}),
              ElementsAre(testing::EndsWith("may put one patient into training and test.")));
  EXPECT_THAT(find_leaks(open(), {{Split::train, Split::train, Split::test}}), IsEmpty());
  write_file_atomically(folder_ / "groups.csv", "path,group\n0.dcm,s1\n1.dcm,s1\n2.dcm,s3\n");
  EXPECT_THAT(doubts_of(open()), IsEmpty());
  std::filesystem::remove(folder_ / "groups.csv");
  open({{"0.dcm", "7", ""}, {"1.dcm", "007", ""}});
  write_file_atomically(folder_ / "groups.csv", "path,group\n0.dcm,s1\n1.dcm,s2\n");
  EXPECT_THAT(doubts_of(open()), ElementsAre(HasSubstr(patients))) << "of one patient alone, too";
  std::filesystem::remove(folder_ / "groups.csv");
  open({{"0.dcm", "ANON", "1.1"}, {"1.dcm", "ANON", "1.1"}, {"2.dcm", "ANON", "1.1"}});
  write_file_atomically(folder_ / "groups.csv", "path,group\n0.dcm,s1\n1.dcm,s2\n2.dcm,s2\n");
  EXPECT_THAT(doubts_of(open()), IsEmpty()) << "one name for all tells nothing";
  std::filesystem::remove(folder_ / "groups.csv");
  open({{"0.dcm", "MUELLER", "1.1"}, {"1.dcm", "MUELLER", "1.2"}, {"2.dcm", "", "1.3"}});
  write_file_atomically(folder_ / "groups.csv", "path,group\n0.dcm,s1\n1.dcm,s2\n2.dcm,s2\n");
  EXPECT_THAT(doubts_of(open()), ElementsAre(HasSubstr(patients))) << "the third may be of another";
}

TEST_F(NamedDicom, TwoPatientsOfOneStudyAreOne) {
  const Dataset dataset = open({{"0.dcm", "SMITH", "9.9"},
                                {"1.dcm", "SMITH", "9.9"},
                                {"2.dcm", "JONES", "9.9"},
                                {"3.dcm", "jones", "1.2.5"},
                                {"4.dcm", "KIM", "1.2.6"}});
  EXPECT_THAT(groups(dataset), ElementsAre("patient-000001", "patient-000001", "patient-000001",
                                           "patient-000001", "patient-000002"));
  EXPECT_THAT(
      dataset.cautions,
      ElementsAre(HasSubstr("PatientIDs that differ in capitals"),
                  HasSubstr("files name several patients: 1 (such as '2.dcm' and '0.dcm'). A")));
  EXPECT_THAT(doubts_of(dataset), IsEmpty());
  write_file_atomically(folder_ / "groups.csv",
                        "path,group\n0.dcm,s\n1.dcm,s\n2.dcm,j\n3.dcm,j\n4.dcm,k\n");
  EXPECT_THAT(doubts_of(open()), IsEmpty()) << "as the caution advises: each patient is whole";
  write_file_atomically(folder_ / "groups.csv",
                        "path,group\n0.dcm,s\n1.dcm,t\n2.dcm,j\n3.dcm,j\n4.dcm,k\n");
  EXPECT_THAT(doubts_of(open()),
              ElementsAre(HasSubstr("PatientID of DICOM files) with images in")));
  std::filesystem::remove(folder_ / "groups.csv");
  open({{"0.dcm", "", "1.1"}, {"1.dcm", "", "1.1"}, {"2.dcm", "KIM", "1.2"}});
  write_file_atomically(folder_ / "groups.csv", "path,group\n0.dcm,a\n1.dcm,b\n2.dcm,c\n");
  EXPECT_THAT(doubts_of(open()),
              ElementsAre(HasSubstr("StudyInstanceUID of DICOM files) with images in several "
                                    "groups: 1. A study is of one patient")));
}

/// A name for all that a few files lack or that one file does not have: as anonymisers leave it.
TEST_F(NamedDicom, APatientWhomNearlyAllFilesNameTellsNothing) {
  std::vector<DicomNames> files;
  std::string own_groups = "path,group\n";
  for (int i = 0; i < 20; ++i) {
    const std::string path = fmt::format("{:02}.dcm", i);
    files.push_back({path, "ANON", fmt::format("1.{}", i / 2 + 1)});
    own_groups += fmt::format("{},p{}\n", path, i / 4);
  }
  for (const std::string last : {"", "SMITH"}) {
    files.back() = {"19.dcm", last, "2.1"};
    const Dataset dataset = open(files);
    EXPECT_EQ(groups(dataset)[0], "study-000001") << last;
    EXPECT_EQ(groups(dataset)[1], "study-000001") << last;
    EXPECT_EQ(groups(dataset)[2], "study-000002") << last;
    EXPECT_EQ(groups(dataset)[19], last.empty() ? "study-000011" : "patient-000001");
    EXPECT_THAT(dataset.cautions, ElementsAre(HasSubstr("nearly all the same one as anonymised")));
    EXPECT_THAT(doubts_of(dataset), ElementsAre(HasSubstr("one and the same patient: 19 of 20.")));
    // Groups that people tell cut no patient then.
    write_file_atomically(folder_ / "groups.csv", own_groups);
    EXPECT_THAT(doubts_of(open()), IsEmpty()) << last;
    std::filesystem::remove(folder_ / "groups.csv");
  }
}

/// Written in two ways it is somebody's.
TEST_F(NamedDicom, APatientInTwoSpellingsIsOneHoweverManyFilesNameIt) {
  std::vector<DicomNames> files;
  for (int i = 0; i < 20; ++i) {
    files.push_back({fmt::format("{:02}.dcm", i), i < 18 ? "7" : "007", fmt::format("1.{}", i)});
  }
  const Dataset dataset = open(files);
  EXPECT_THAT(groups(dataset), testing::Each("patient-000001"));
  EXPECT_THAT(dataset.cautions, ElementsAre(HasSubstr("They are taken for one patient."),
                                            HasSubstr("are one group. If they were anonymised")));
}

TEST_F(NamedDicom, AnAnonymousNameInAPathTellsNobody) {
  EXPECT_THAT(open({{"anon/0.dcm", "ANON", "1.1"}, {"anon/1.dcm", "ANON", "1.2"}}).leaks,
              IsEmpty());
  std::filesystem::remove_all(folder_ / "anon");
  EXPECT_THAT(open({{"anon/0.dcm", "KIM^1", "1.1"}, {"anon/kim-1.dcm", "KIM^1", "1.2"}}).leaks,
              ElementsAre(HasSubstr("contain the file's PatientID: 1")));
}

TEST_F(NamedDicom, FilesThatTheTableDoesNotNameHaveNoSayInTheGroups) {
  const auto open_two = [&](const DicomNames& first, const DicomNames& second) {
    // Of all files several patients are named, and two of them are joined over their study.
    open({first,
          second,
          {"x/2.dcm", "KIM", "1.1"},
          {"x/3.dcm", "MUELLER", "1.2"},
          {"x/4.dcm", "SMITH", "1.2"}});
    write_file_atomically(folder_ / "labels.csv", "path,label\n0.dcm,a\n1.dcm,b\n");
    return open();
  };
  const Dataset anonymised = open_two({"0.dcm", "ANON", "2.1"}, {"1.dcm", "ANON", "2.2"});
  EXPECT_THAT(groups(anonymised), ElementsAre("study-000001", "study-000002"));
  const Dataset apart = open_two({"0.dcm", "MUELLER", "3.1"}, {"1.dcm", "SMITH", "3.2"});
  EXPECT_THAT(groups(apart), ElementsAre("patient-000001", "patient-000002"));
  EXPECT_THAT(apart.cautions, IsEmpty());
}

TEST_F(NamedDicom, AColumnThatLooksLikeGroupsIsTold) {
  open({{"0.dcm", "MUELLER", "1.1"}, {"1.dcm", "SMITH", "1.2"}});
  write_file_atomically(folder_ / "labels.csv", "path,label,patient\n0.dcm,a,p1\n1.dcm,b,p1\n");
  EXPECT_THAT(open().cautions,
              ElementsAre(HasSubstr("no column 'group', but 'patient', which is")));
  write_file_atomically(folder_ / "groups.csv", "path,group\n0.dcm,x\n1.dcm,y\n");
  EXPECT_THAT(open().cautions, ElementsAre(HasSubstr("The groups are those of")));
}

TEST_F(NamedDicom, WhereAllFilesNameOnePatientStudiesAreGroups) {
  for (const std::string anonymous : {"ANON", "0000"}) {
    const Dataset dataset = open({{"0.dcm", anonymous, "1.1"},
                                  {"1.dcm", anonymous, "1.1"},
                                  {"2.dcm", anonymous, "1.2"},
                                  {"3.dcm", anonymous, ""}});
    EXPECT_THAT(groups(dataset), ElementsAre("study-000001", "study-000001", "study-000002", ""));
    EXPECT_THAT(dataset.cautions,
                ElementsAre(testing::AllOf(HasSubstr("are studies (StudyInstanceUID): 2."),
                                           HasSubstr("of one patient in two studies cannot be"))));
    EXPECT_THAT(doubts_of(dataset), ElementsAre(HasSubstr("1 (the first: '3.dcm')")));
  }
}

TEST_F(NamedDicom, WhereAllFilesNameOnePatientAndStudyThereAreNoGroups) {
  const Dataset dataset = open({{"0.dcm", "ANON", "1.1"}, {"1.dcm", "ANON", "1.1"}});
  EXPECT_THAT(groups(dataset), ElementsAre("", ""));
  EXPECT_THAT(dataset.cautions, ElementsAre(HasSubstr("All DICOM files name the same patient")));
}

TEST_F(NamedDicom, AnImpossibleSplitTellsWhereTheGroupsComeFrom) {
  const auto problem = [&] { return inspect(options_for(folder_.path())).split_problem; };
  open({{"0.dcm", "ANON", ""},
        {"1.dcm", "ANON", ""},
        {"2.dcm", "ANON", ""},
        {"3.dcm", "ANON", ""},
        {"4.dcm", "ANON", ""},
        {"5.dcm", "", ""}});
  const std::string file = (folder_ / "groups.csv").string();
  EXPECT_THAT(problem(),
              testing::AllOf(HasSubstr("class 'a' has 3 images in 1 group, too few for"),
                             HasSubstr("come from PatientID, StudyInstanceUID or file of "
                                       "DICOM images. Give others by " +
                                       file + " (path,group)")));
  write_file_atomically(file, "path,group\n0.dcm,x\n1.dcm,x\n2.dcm,x\n3.dcm,y\n4.dcm,x\n5.dcm,x\n");
  EXPECT_THAT(problem(), testing::EndsWith("The groups are those of " + file));
  EXPECT_THAT(inspect(options_for(folder_.path())).leaks,
              ElementsAre(HasSubstr("with images in several groups: 1. Let groups be patients.")))
      << "where no parts are known, doubts stand";
  std::filesystem::remove(file);
  write_file_atomically(
      folder_ / "labels.csv",
      "path,label,group\n0.dcm,a,x\n1.dcm,b,x\n2.dcm,a,x\n3.dcm,b,y\n4.dcm,a,x\n5.dcm,b,z\n");
  EXPECT_THAT(problem(), HasSubstr("The groups come from the column group"));
  write_file_atomically(
      folder_ / "labels.csv",
      "path,label,group\n0.dcm,a,x\n1.dcm,b,x\n2.dcm,b,y\n3.dcm,b,y\n4.dcm,b,x\n5.dcm,b,z\n");
  EXPECT_THAT(problem(), testing::AllOf(HasSubstr("class 'a' has 1 image"),
                                        Not(HasSubstr("The groups come from"))))
      << "groups are not why";
}

TEST_F(NamedDicom, OneIdInTwoSpellingsIsOnePatient) {
  const Dataset dataset = open({{"0.dcm", "007", "1.2.3"},
                                {"1.dcm", "7", "1.2.3"},
                                {"2.dcm", "", "1.2.3"},
                                {"3.dcm", "7", "1.2.4"},
                                {"4.dcm", "8", "1.2.5"}});
  EXPECT_THAT(groups(dataset), ElementsAre("patient-000001", "patient-000001", "patient-000001",
                                           "patient-000001", "patient-000002"));
  EXPECT_THAT(dataset.cautions,
              ElementsAre(HasSubstr("leading zeros only: 1. They are taken for one patient.")));
  EXPECT_THAT(doubts_of(dataset), IsEmpty());
}

TEST_F(NamedDicom, AFileThatMayBeOfSeveralPatientsIsALeak) {
  const Dataset dataset = open({{"0.dcm", "SMITH", "9.9"},
                                {"1.dcm", "JONES", "9.9"},
                                {"2.dcm", "", "9.9"},
                                {"3.dcm", "", "9.9"}});
  EXPECT_THAT(groups(dataset), ElementsAre("patient-000001", "patient-000002", "", ""));
  EXPECT_THAT(dataset.cautions, ElementsAre(HasSubstr("name the same StudyInstanceUID, and several "
                                                      "patients: it is not taken for a study")));
  const Assignment parts{Split::train, Split::train, Split::test, Split::none};
  EXPECT_THAT(find_leaks(dataset, {parts}),
              ElementsAre(testing::AllOf(HasSubstr("that do: 2 (the first: '2.dcm')"),
                                         HasSubstr("say whose they are by groups.csv"))));
  EXPECT_THAT(find_leaks(dataset, {{Split::train, Split::test, Split::none, Split::none}}),
              IsEmpty())
      << "the files of nobody are in no part";
  // Where somebody tells whose they are, it is none; their names stay hidden as before.
  for (const std::string smith : {"x", "smith"}) {
    write_file_atomically(folder_ / "groups.csv",
                          "path,group\n0.dcm," + smith + "\n1.dcm,y\n2.dcm,y\n3.dcm,y\n");
    EXPECT_THAT(doubts_of(open()), IsEmpty()) << smith;
  }
}

TEST_F(DicomSource, AFileOfNobodyBesidePatientsIsRefusedWhenStrict) {
  EXPECT_THAT(doubts_of(open_dataset(options_)), IsEmpty());
  tests::run_oracle("dicom_cases.py", {"bad", (folder_ / "other").string()});
  std::filesystem::rename(folder_ / "other/anonymous.dcm", folder_ / "b/anonymous.dcm");
  std::filesystem::remove_all(folder_ / "other");
  labels(std::string(kAll) + "b/anonymous.dcm,benign\n");
  const std::string told = "1 (the first: 'b/anonymous.dcm'). Each may be of any of these patients";
  options_.split_file = (folder_ / "parts.csv").string();
  options_.strict = true;
  write_file_atomically(options_.split_file,
                        "path,part\na/one.dcm,train\na/IM0002,train\nb/three.dcm,valid\n"
                        "b/loop.dcm#000000,valid\nb/loop.dcm#000001,test\nb/loop.dcm#000002,none\n"
                        "b/anonymous.dcm,test\n");
  const Inspection inspection = inspect(options_);
  EXPECT_THAT(inspection.warnings, testing::Contains(HasSubstr(told)));
  EXPECT_THAT(tests::error_of([&] { make_splits(inspection.dataset, options_); }),
              testing::AllOf(HasSubstr("strict: this split has leaks"), HasSubstr(told),
                             HasSubstr("say whose they are by groups.csv (path,group)")));
}

/// The same files in class folders, without a table.
class DicomFolders : public DicomSource {
 protected:
  void SetUp() override {
    DicomSource::SetUp();
    std::filesystem::remove(folder_ / "labels.csv");
    std::filesystem::remove(folder_ / "b/loop.dcm");
  }
};

TEST_F(DicomFolders, KnowTheirPatientsWithoutTheirNames) {
  Dataset dataset = open_dataset(options_);
  EXPECT_EQ(dataset.source, "folder");
  EXPECT_THAT(dataset.cautions, IsEmpty());
  EXPECT_THAT(column(&Sample::group), ElementsAre("patient-000001", "patient-000002"));
  scan(dataset, false);
  EXPECT_EQ(dataset.samples.size(), 2U);
  ASSERT_EQ(dataset.skipped.size(), 1U);
  EXPECT_THAT(dataset.skipped[0].reason,
              HasSubstr("not named like a PNG, JPEG, TIFF, BMP or DICOM"));
}

TEST_F(DicomFolders, OtherImagesBesideThemHaveNoGroup) {
  write_image(folder_ / "a/other.png", 7);
  EXPECT_THAT(column(&Sample::group), ElementsAre("patient-000001", "", "patient-000002"));
}

TEST_F(DicomFolders, AGroupsFileWinsAndItsPatientIdsAreNotWritten) {
  write_file_atomically(folder_ / "groups.csv", "path,group\na/one.dcm,smith\nb/three.dcm,x\n");
  EXPECT_THAT(column(&Sample::group), ElementsAre("group-000001", "group-000002"));
}

TEST_F(DicomFolders, OnePatientBesideFilesOfNobodyIsAGroup) {
  std::filesystem::remove_all(folder_ / "a");
  std::filesystem::remove_all(folder_ / "b");
  write_dicom(folder_.path(), {{"a/1.dcm", "MUELLER", ""},
                               {"a/2.dcm", "", ""},
                               {"b/3.dcm", "MUELLER", ""},
                               {"b/4.dcm", "", ""}});
  EXPECT_THAT(column(&Sample::group), ElementsAre("patient-000001", "", "patient-000001", ""));
  const Dataset dataset = open_dataset(options_);
  EXPECT_THAT(dataset.cautions,
              ElementsAre(HasSubstr("that tell a patient or study are one group. If they were")));
  EXPECT_THAT(doubts_of(dataset), ElementsAre(HasSubstr("that do: 2 (the first: 'a/2.dcm')")))
      << "the others may be of the one that is named";
}

TEST_F(DicomFolders, FilesThatAllNameNobodyHaveNoGroup) {
  std::filesystem::remove_all(folder_ / "a");
  std::filesystem::remove_all(folder_ / "b");
  write_dicom(folder_.path(), {{"a/1.dcm", "", ""}, {"b/2.dcm", "", ""}});
  EXPECT_THAT(column(&Sample::group), ElementsAre("", ""));
  EXPECT_THAT(open_dataset(options_).cautions,
              ElementsAre(HasSubstr("patient or study, or none, as")));
}

TEST_F(DicomFolders, OnePatientForAllFilesIsNoGroup) {
  std::filesystem::copy_file(folder_ / "a/one.dcm", folder_ / "b/three.dcm",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_THAT(column(&Sample::group), ElementsAre("", ""));
  EXPECT_THAT(open_dataset(options_).cautions,
              ElementsAre(HasSubstr("All DICOM files name the same patient or study")));
  write_file_atomically(folder_ / "a/broken.dcm", "not DICOM");
  EXPECT_THAT(column(&Sample::group), ElementsAre("", "", "")) << "nor with a file of nobody";
  std::filesystem::remove(folder_ / "a/broken.dcm");
  write_file_atomically(folder_ / "groups.csv", "path,group\na/one.dcm,x\nb/three.dcm,y\n");
  EXPECT_THAT(open_dataset(options_).cautions, IsEmpty());
}

TEST_F(DicomFolders, AFolderCalledDicomWithoutThemIsACaution) {
  const std::string told = "No DICOM file is read from the folder '";
  std::filesystem::rename(folder_ / "a", folder_ / "DICOM");
  EXPECT_THAT(open_dataset(options_).cautions, Not(testing::Contains(HasSubstr(told))));
  write_image(folder_ / "b/dicom/1.png", 1);
  std::filesystem::rename(folder_ / "b/three.dcm", folder_ / "b/dicom/IM0003");
  EXPECT_THAT(open_dataset(options_).cautions,
              testing::Contains(HasSubstr(told + folder_.path().filename().string() +
                                          "/b/dicom': there is none named .dcm")));
  // A data set that is itself called so, however its path is written.
  std::filesystem::rename(folder_ / "DICOM", folder_ / "b/dicom/a");
  std::filesystem::create_directories(folder_ / "b/dicom/b");
  std::filesystem::rename(folder_ / "b/dicom/1.png", folder_ / "b/dicom/b/1.png");
  for (const std::filesystem::path& entry :
       std::filesystem::directory_iterator(folder_ / "b/dicom/a")) {
    std::filesystem::remove(entry);
  }
  write_image(folder_ / "b/dicom/a/2.png", 2);
  for (const std::string written : {"b/dicom", "b/dicom/", "b/../b/dicom/."}) {
    options_.data = (folder_ / written).string();
    EXPECT_THAT(open_dataset(options_).cautions, testing::Contains(HasSubstr(told + "dicom'")))
        << written;
  }
}

}  // namespace
}  // namespace fathom::data
