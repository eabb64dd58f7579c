#include <gtest/gtest.h>

#include "failing_disk.h"
#include "failing_memory.h"

int main(int argc, char** argv) {
  suppressd::fault::install_failing_memory();
  suppressd::fault::install_failing_disk();
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
