// Runs a fuzz target over seeds: `replay_NAME [--seconds N] [--seed S] FILE-OR-FOLDER...`
//
// Without --seconds each file is one input, once. With it, random changes of the seeds follow for so long. An
// input that kills the program is left in the file `fuzz-input` of the working folder, to be replayed and
// kept as a seed.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));

namespace {

namespace fs = std::filesystem;

const std::string* running = nullptr;

void keep_input() {
  if (running == nullptr) return;
  const int file = open("fuzz-input", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file >= 0 && write(file, running->data(), running->size()) >= 0) close(file);
}

void on_signal(int number) {
  keep_input();
  std::signal(number, SIG_DFL);
  std::raise(number);
}

void keep_input_on_death() {
  std::signal(SIGABRT, on_signal);
  if (__sanitizer_set_death_callback != nullptr) {
    __sanitizer_set_death_callback(keep_input);
  } else {
    std::signal(SIGSEGV, on_signal);
  }
}

void run(const std::string& input) {
  running = &input;
  // A copy of the exact size, so that a read beyond the end is one that a sanitizer sees.
  const std::vector<std::uint8_t> bytes(input.begin(), input.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
  running = nullptr;
}

void add(const fs::path& path, std::vector<std::string>& seeds) {
  std::ifstream file(path, std::ios::binary);
  seeds.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
}

std::string mutated(const std::vector<std::string>& seeds, std::mt19937_64& random) {
  const auto below = [&random](std::size_t limit) { return limit == 0 ? 0 : random() % limit; };
  std::string input = seeds[below(seeds.size())];
  for (std::size_t changes = 1 + below(8); changes > 0; --changes) {
    const std::size_t at = below(input.size() + 1);
    const std::string& other = seeds[below(seeds.size())];
    const std::size_t from = below(other.size() + 1);
    switch (below(6)) {
      case 0:
        input.insert(at, 1, static_cast<char>(random()));
        break;
      case 1:
        input.erase(at, 1 + below(16));
        break;
      case 2:
        input.insert(at, other, from, below(64));
        break;
      case 3:
        input.resize(at);
        break;
      case 4:
        input.insert(at, 1, "\"<>,:=()[]{}\\\n "[below(15)]);
        break;
      default:
        if (at < input.size()) input[at] = static_cast<char>(random());
    }
  }
  return input;
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::string> seeds;
  long seconds = 0;
  std::uint64_t seed = std::random_device{}();
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--seconds" && i + 1 < argc) {
      seconds = std::atol(argv[++i]);
    } else if (argument == "--seed" && i + 1 < argc) {
      seed = std::strtoull(argv[++i], nullptr, 10);
    } else if (fs::is_directory(argument)) {
      for (const auto& file : fs::recursive_directory_iterator(argument)) {
        if (file.is_regular_file()) add(file.path(), seeds);
      }
    } else if (fs::exists(argument)) {
      add(argument, seeds);
    } else {
      std::fprintf(stderr, "%s: no such file or folder\n", argv[i]);
      return 2;
    }
  }
  if (seeds.empty()) {
    std::fprintf(stderr, "no seeds: name their files or folders\n");
    return 2;
  }
  std::sort(seeds.begin(), seeds.end());
  keep_input_on_death();
  for (const std::string& input : seeds) run(input);
  std::printf("%zu seeds\n", seeds.size());
  if (seconds == 0) return 0;

  std::mt19937_64 random(seed);
  std::printf("changing them for %ld s, --seed %llu\n", seconds, static_cast<unsigned long long>(seed));
  std::fflush(stdout);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(seconds);
  std::uint64_t runs = 0;
  while (std::chrono::steady_clock::now() < end) {
    const std::string input = mutated(seeds, random);
    run(input);
    ++runs;
  }
  std::printf("%llu inputs\n", static_cast<unsigned long long>(runs));
}
