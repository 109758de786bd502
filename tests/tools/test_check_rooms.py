"""The map is checked: each rule of tools/check_rooms.py finds a violation planted for it."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "tools" / "check_rooms.py"


class CheckRooms(unittest.TestCase):
    def run_on(self, files):
        """Runs the script on a tree of {path: text}; returns (exit code, output)."""
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                path = pathlib.Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            done = subprocess.run([sys.executable, str(SCRIPT), folder], capture_output=True,
                                  text=True, check=False)
        self.assertEqual(done.stderr, "")
        return done.returncode, done.stdout

    def assert_refused(self, files, *expected):
        code, output = self.run_on(files)
        self.assertEqual(code, 1, output)
        self.assertEqual(len(output.splitlines()), 1, output)
        for text in expected:
            self.assertIn(text, output)

    def assert_accepted(self, files):
        self.assertEqual(self.run_on(files), (0, ""))

    def test_what_the_map_allows(self):
        self.assert_accepted({
            "fathom/base/error.h": "#include <string>\n",
            "fathom/results/record.h": '#include "fathom/stats/scores.h"\n',
            "fathom/zoo/network.h": '#include <torch/torch.h>\n#include "fathom/results/record.h"\n',
            "fathom/report/report.cpp": '#include "fathom/report/report.h"\n',
            "cli/main.cpp": '#include "fathom/study/plan.h"\n#include <torch/torch.h>\n',
            "tests/stats/test_roc.cpp": '#include "fathom/study/plan.h"\n',
        })

    def test_include_against_the_order(self):
        self.assert_refused({"fathom/stats/roc.cpp": '\n#include "fathom/data/dataset.h"\n'},
                            "fathom/stats/roc.cpp:2:", "stats must not include data")

    def test_results_is_above_zoo(self):
        self.assert_refused({"fathom/results/record.h": '#include "fathom/zoo/architecture.h"\n'},
                            "results must not include zoo")

    def test_report_reads_only_results(self):
        for room in ("image", "data", "zoo", "train", "study"):
            self.assert_refused({"fathom/report/html.cpp": f'#include "fathom/{room}/x.h"\n'},
                                f"report must not include {room}")

    def test_libtorch_in_a_room_without_it(self):
        for header in ("torch/torch.h", "ATen/ATen.h", "c10/util/Half.h"):
            self.assert_refused({"fathom/image/stain.cpp": f"# include <{header}>\n"},
                                header, "image is a room without LibTorch")

    def test_unknown_room(self):
        self.assert_refused({"fathom/train/loop.h": '#include "fathom/models/vgg.h"\n'},
                            "no room 'models'")
        self.assert_refused({"fathom/models/vgg.h": "\n"}, "no room 'models'", "base containers")

    def test_library_includes_the_command(self):
        self.assert_refused({"fathom/study/run.cpp": '#include "cli/progress.h"\n'}, "cli/")

    def test_long_files(self):
        self.assert_accepted({"fathom/data/a.cpp": "\n" * 400, "tests/data/test_a.cpp": "\n" * 600})
        self.assert_refused({"fathom/data/a.cpp": "\n" * 401}, "401 lines", "400")
        self.assert_refused({"tests/data/test_a.cpp": "\n" * 601}, "601 lines", "600")

    def test_vague_names(self):
        self.assert_accepted({"fathom/data/commonest.cpp": ""})
        for name in ("data/utils.h", "data/csv_helpers.cpp", "image/misc.cpp"):
            self.assert_refused({"fathom/" + name: ""}, "does not say what is in it")

    def test_base_is_closed(self):
        self.assert_refused({"fathom/base/strings.h": ""}, "closed list")

    def test_this_project_keeps_its_own_map(self):
        done = subprocess.run([sys.executable, str(SCRIPT)], capture_output=True, text=True,
                              check=False)
        self.assertEqual((done.returncode, done.stdout), (0, ""))


if __name__ == "__main__":
    unittest.main()
