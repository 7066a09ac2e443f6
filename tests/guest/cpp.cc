// C++: exceptions through frames, iostream, threads, futures, static construction, strings, thread_local.
// unox-test: stdin="a\nb\nc"
// unox-case: static
// unox-case: dynamic link=dynamic
// unox-case: static-pie link=static-pie
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <future>
#include <iostream>
#include <map>
#include <mutex>
#include <regex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

struct Loud {
	const char *name;
	explicit Loud(const char *n) : name(n) { std::cout << "make " << name << "\n"; }
	~Loud() { std::cout << "drop " << name << "\n"; }
};
static Loud global("global");
thread_local int per_thread = 1;

static int deep(int n) {
	Loud *leak = nullptr;
	(void)leak;
	if (n == 0) throw std::runtime_error("from the deep");
	return deep(n - 1) + 1;
}

int main(int argc, char **argv) {
	(void)argv;
	std::ios::sync_with_stdio(argc > 100);
	try { Loud l("local"); deep(50); } catch (const std::exception &e) { std::cout << "caught " << e.what() << "\n"; }
	try { std::vector<int> v; v.at(3) = 1; } catch (const std::out_of_range &) { std::cout << "out of range\n"; }
	try { std::string s(std::string().max_size() + (argc > 100 ? 0 : 1), 'x'); } catch (const std::length_error &) { std::cout << "length error\n"; }
	try { auto p = new char[1ul << 46]; std::cout << (p != nullptr); } catch (const std::bad_alloc &) { std::cout << "bad alloc\n"; }
	std::atomic<int> sum{0};
	std::vector<std::thread> ts;
	for (int i = 0; i < 6; i++) ts.emplace_back([&sum, i] { per_thread += i; for (int k = 0; k < 1000; k++) sum += per_thread; });
	for (auto &t : ts) t.join();
	std::cout << "sum " << sum << ", mine " << per_thread << "\n";
	auto f = std::async(std::launch::async, [] { std::this_thread::sleep_for(std::chrono::milliseconds(10)); return 42; });
	std::cout << "future " << f.get() << "\n";
	auto g = std::async(std::launch::async, []() -> int { throw std::logic_error("in a thread"); });
	try { g.get(); } catch (const std::logic_error &e) { std::cout << "caught " << e.what() << "\n"; }
	std::mutex m; std::condition_variable cv; bool ready = false;
	std::thread t([&] { std::unique_lock<std::mutex> l(m); ready = true; cv.notify_one(); });
	{ std::unique_lock<std::mutex> l(m); cv.wait(l, [&] { return ready; }); std::cout << "wait_for " << cv.wait_for(l, std::chrono::milliseconds(5), [] { return false; }) << "\n"; }
	t.join();
	std::map<std::string, int> words;
	std::istringstream in("the cat and the dog and the bird");
	for (std::string w; in >> w;) words[w]++;
	for (auto &[w, n] : words) std::cout << w << "=" << n << " ";
	std::cout << "\n" << std::regex_replace(std::string("a1b22c333"), std::regex("[0-9]+"), "#") << "\n";
	namespace fs = std::filesystem;
	fs::path dir = fs::temp_directory_path() / "unox-cpp-test";
	fs::remove_all(dir); fs::create_directories(dir / "a" / "b");
	std::ofstream(dir / "a" / "file.txt") << "written\n" << 3.25 << "\n";
	std::ifstream file(dir / "a" / "file.txt"); std::string line; while (std::getline(file, line)) std::cout << line << "\n";
	std::vector<std::string> names; for (auto &e : fs::recursive_directory_iterator(dir)) names.push_back(e.path().lexically_relative(dir)); std::sort(names.begin(), names.end()); for (auto &n : names) std::cout << n << " ";
	std::cout << "\n" << fs::remove_all(dir) << " removed\n";
	std::string input; long lines = 0; while (std::getline(std::cin, input)) lines++;
	std::cout << lines << " lines of input" << std::endl;
	std::cerr << "to stderr\n";
	return 9;
}
