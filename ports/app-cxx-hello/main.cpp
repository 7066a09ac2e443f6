// What a C++ program expects of its library, one thing after the other. The same file on Linux prints the same.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <functional>
#include <future>
#include <iomanip>
#include <iostream>
#include <locale>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <random>
#include <regex>
#include <set>
#include <shared_mutex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

namespace {

struct Noisy {
	const char *name;
	explicit Noisy(const char *n) : name(n) { std::cout << "+ " << name << "\n"; }
	~Noisy() { std::cout << "- " << name << "\n"; }
};

Noisy global("global");

struct Base {
	virtual ~Base() = default;
	virtual std::string who() const { return "base"; }
};
struct Derived : Base {
	std::string who() const override { return "derived"; }
};

int depth(int n)
{
	Noisy here(n == 2 ? "innermost" : "frame");
	if (n == 2)
		throw std::out_of_range("thrown from depth " + std::to_string(n));
	return depth(n + 1) + 1;
}

void exceptions()
{
	try {
		depth(0);
	} catch (const std::logic_error &e) {
		std::cout << "caught: " << e.what() << "\n";
	}
	try {
		try {
			throw 42;
		} catch (int n) {
			std::cout << "int " << n << "\n";
			throw;
		}
	} catch (...) {
		std::cout << "again\n";
	}
	try {
		std::vector<int>().at(7);
	} catch (const std::exception &e) {
		std::cout << e.what() << "\n";
	}
	try {
		Base base;
		dynamic_cast<Derived &>(base).who();
	} catch (const std::bad_cast &) {
		std::cout << "bad cast\n";
	}
	try {
		std::unique_ptr<char[]> all(new char[std::size_t(-1) / 4]);
		std::cout << "all of memory\n";
	} catch (const std::bad_alloc &) {
		std::cout << "bad alloc\n";
	}
	try {
		std::stoi("no number");
	} catch (const std::invalid_argument &e) {
		std::cout << "invalid argument: " << e.what() << "\n";
	}
	std::exception_ptr kept;
	try {
		throw std::runtime_error("carried");
	} catch (...) {
		kept = std::current_exception();
	}
	std::thread([&] {
		try {
			std::rethrow_exception(kept);
		} catch (const std::runtime_error &e) {
			std::cout << e.what() << " to another thread\n";
		}
	}).join();
}

void streams()
{
	std::ostringstream out;
	out << std::setw(6) << std::setfill('*') << 42 << ' ' << std::hex << std::showbase << 255 << ' ' << std::fixed << std::setprecision(3) << 3.14159 << ' '
	    << std::boolalpha << true << ' ' << 1e300 * 10 << ' ' << std::scientific << 0.000123;
	std::cout << out.str() << "\n";
	std::istringstream in("17 2.5 word 0x1f");
	int i;
	double d;
	std::string word;
	in >> i >> d >> word;
	std::cout << i << ' ' << d << ' ' << word << "\n";
	std::ofstream("/tmp/cxx-hello.txt") << "one\ntwo\n";
	std::ifstream file("/tmp/cxx-hello.txt");
	for (std::string line; std::getline(file, line);)
		std::cout << "line " << line << "\n";
	std::ifstream missing("/nonexistent/file");
	std::cout << "missing: " << missing.is_open() << "\n";
	std::wcout.sync_with_stdio();
	std::cout << std::use_facet<std::ctype<char>>(std::locale()).toupper('x') << std::isalpha('1', std::locale()) << std::isalpha('b', std::locale::classic())
		  << "\n";
	std::string text = "Mixed Case 123";
	std::transform(text.begin(), text.end(), text.begin(), [](char c) { return std::toupper(c, std::locale::classic()); });
	std::cout << text << "\n";
	try {
		std::locale none("xx_XX.none");
		std::cout << "a locale\n";
	} catch (const std::runtime_error &e) {
		std::cout << "no such locale\n";
	}
}

void containers()
{
	std::map<std::string, int> map{{"b", 2}, {"a", 1}, {"c", 3}};
	for (auto &[key, value] : map)
		std::cout << key << value << ' ';
	std::unordered_map<int, std::string> hashed;
	for (int i = 0; i < 1000; i++)
		hashed[i] = std::to_string(i * i);
	std::set<std::string_view> set{"z", "y"};
	std::vector<int> v(100);
	std::iota(v.begin(), v.end(), 1);
	std::mt19937 random(1);
	std::shuffle(v.begin(), v.end(), random);
	std::sort(v.begin(), v.end(), std::greater<>());
	std::cout << hashed[999] << ' ' << *set.begin() << ' ' << v.front() << ' ' << std::accumulate(v.begin(), v.end(), 0) << ' ' << random() << "\n";
	std::regex pattern("(\\w+)@(\\w+)\\.org");
	std::smatch match;
	std::string text = "write to someone@example.org today";
	if (std::regex_search(text, match, pattern))
		std::cout << match[1] << " at " << match[2] << "\n";
	std::shared_ptr<Base> p = std::make_shared<Derived>();
	std::cout << p->who() << ' ' << p.use_count() << "\n";
}

thread_local std::string mine = "fresh";

void threads()
{
	std::mutex mutex;
	std::atomic<int> atomic{0};
	int counted = 0;
	std::vector<std::thread> all;
	for (int t = 0; t < 4; t++)
		all.emplace_back([&] {
			mine += "!";
			for (int i = 0; i < 1000; i++) {
				atomic++;
				std::lock_guard<std::mutex> lock(mutex);
				counted++;
			}
		});
	for (auto &t : all)
		t.join();
	std::cout << atomic << ' ' << counted << ' ' << mine << "\n";
	std::condition_variable ready;
	std::unique_lock<std::mutex> lock(mutex);
	std::cout << (ready.wait_for(lock, std::chrono::milliseconds(5)) == std::cv_status::timeout) << "\n";
	bool done = false;
	std::thread signal([&] {
		std::lock_guard<std::mutex> inner(mutex);
		done = true;
		ready.notify_one();
	});
	ready.wait(lock, [&] { return done; });
	lock.unlock();
	signal.join();
	auto future = std::async(std::launch::async, [] { return 6 * 7; });
	std::cout << future.get() << "\n";
	std::promise<int> promise;
	auto broken = promise.get_future();
	promise.set_exception(std::make_exception_ptr(std::runtime_error("promised")));
	try {
		broken.get();
	} catch (const std::exception &e) {
		std::cout << e.what() << "\n";
	}
	std::shared_timed_mutex shared;
	std::shared_lock<std::shared_timed_mutex> reader(shared);
	std::cout << shared.try_lock_for(std::chrono::milliseconds(2)) << "\n";
	std::once_flag once;
	for (int i = 0; i < 3; i++)
		std::call_once(once, [] { std::cout << "once\n"; });
	std::thread([] { thread_local Noisy local("thread-local"); }).join();
}

Noisy &local_static()
{
	static Noisy n("static");
	return n;
}

} // namespace

int main(int argc, char **argv)
{
	std::cout << "Hello from C++, " << argc - 1 << " word(s)\n";
	for (int i = 1; i < argc; i++)
		std::cout << argv[i] << "\n";
	local_static();
	exceptions();
	streams();
	containers();
	threads();
	if (argc > 1 && std::string(argv[1]) == "uncaught")
		throw std::runtime_error("nobody catches this");
	std::cerr << "to standard error\n";
	return argc > 1 ? 7 : 0;
}
