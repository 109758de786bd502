"""The counting line can be trusted: failures, skips, crashes and silent exits all show in it."""

import contextlib
import importlib.machinery
import importlib.util
import io
import pathlib
import tempfile
import textwrap
import unittest

SCRIPT = str(pathlib.Path(__file__).resolve().parents[2] / "tools" / "run_tests")


def load_script():
    loader = importlib.machinery.SourceFileLoader("run_tests", SCRIPT)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("run_tests", loader))
    loader.exec_module(module)
    return module


RUN_TESTS = load_script()


class RunTests(unittest.TestCase):
    def run_fake(self, script):
        """Runs a shell script in place of a GoogleTest program; returns (tally, output)."""
        tally = RUN_TESTS.Tally()
        output = io.StringIO()
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(output):
            program = pathlib.Path(folder, "fake_tests")
            program.write_text("#!/bin/sh\n" + textwrap.dedent(script))
            program.chmod(0o755)
            RUN_TESTS.run_program(program, [], tally)
        return tally, output.getvalue()

    def test_pass_fail_and_skip_with_its_reason(self):
        tally, output = self.run_fake("""
            echo '[ RUN      ] A.Good'
            echo '[       OK ] A.Good (3 ms)'
            echo '[ RUN      ] A.Bad'
            echo 'a.cpp:3: Failure'
            echo '[  FAILED  ] A.Bad, where GetParam() = 4 (10 ms)'
            echo '[ RUN      ] A.Later'
            echo 'a.cpp:9: Skipped'
            echo 'no data'
            echo ''
            echo '[  SKIPPED ] A.Later (0 ms)'
            echo '[  PASSED  ] 1 test.'
            echo '[  FAILED  ] 1 test, listed below:'
            echo '[  FAILED  ] A.Bad, where GetParam() = 4'
            exit 1
            """)
        self.assertEqual(tally.summary(), "1 passed, 1 failed, 1 skipped")
        self.assertEqual(tally.skipped, [("A.Later", "no data")])
        self.assertEqual(tally.failed, ["A.Bad"])
        self.assertIn("a.cpp:3: Failure", output)

    def test_a_test_that_prints_without_a_line_end(self):
        tally, _ = self.run_fake("""
            printf '[ RUN      ] A.Good\\nworking...[       OK ] A.Good (3 ms)\\n'
            """)
        self.assertEqual(tally.summary(), "1 passed, 0 failed")

    def test_a_crash_fails_the_test_it_happened_in(self):
        tally, output = self.run_fake("""
            echo '[ RUN      ] A.Good'
            echo '[       OK ] A.Good (3 ms)'
            echo '[ RUN      ] A.Crash'
            echo 'last words'
            kill -SEGV $$
            """)
        self.assertEqual(tally.summary(), "1 passed, 1 failed")
        self.assertIn("last words", output)
        self.assertIn("inside A.Crash", output)

    def test_a_failing_exit_without_a_failed_test_is_a_failure(self):
        tally, output = self.run_fake("echo 'cannot load libtorch.so'; exit 127")
        self.assertEqual(tally.summary(), "0 passed, 1 failed")
        self.assertIn("cannot load libtorch.so", output)
        self.assertIn("127", output)


if __name__ == "__main__":
    unittest.main()
