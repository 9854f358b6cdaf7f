using System.Diagnostics;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Meshia.Benchmarks;

/// <summary>The sandbox beside a bare minimal API, WireMock.Net and Prism, in one run. Needs <c>wrk</c>, and <c>npx</c> for Prism.</summary>
internal static class ServiceBenchmark
{
    private const string PrismPackage = "@stoplight/prism-cli@5.16.0";
    private const int ActiveSessions = 50_000;
    private const int ListedSessions = 100_000;
    private const int ResetSessions = 10_000;

    private static readonly TimeSpan _time = TimeSpan.FromSeconds(5);
    // What Start-MeshiaSandbox starts on this system.
    private static readonly string _service = new[] { RuntimeInformation.RuntimeIdentifier, "" }
        .Select(static system => Path.Combine(BuiltModule.Folder, "..", "Meshia.Sandbox", "service", system, "Meshia.Sandbox.dll"))
        .First(File.Exists);

    private static readonly string _others = Path.Combine(BuiltModule.Folder, "..", "..", "tests", "Benchmarks", "OtherServices");

    /// <returns>0 if every goal is met.</returns>
    public static async Task<int> RunAsync(int rounds)
    {
        var folder = Directory.CreateTempSubdirectory("meshia-benchmark-");
        try
        {
            await BuildOthersAsync();
            List<double> ready = [], bareReady = [];
            Dictionary<string, (List<double> Get, List<double> Post)> rates = [];
            for (var round = 0; round < rounds; round++)
            {
                using var sandbox = await SandboxAsync();
                ready.Add(sandbox.Ready.TotalMilliseconds);
                await FillAsync(sandbox, ActiveSessions);
                await MeasureAsync("sandbox, 50,000 active sessions", sandbox, rates);
                using var bare = await OtherAsync("bare");
                bareReady.Add(bare.Ready.TotalMilliseconds);
                await MeasureAsync("bare minimal API", bare, rates);
                using var mock = await OtherAsync("wiremock");
                await MeasureAsync("WireMock.Net", mock, rates);
                var description = Path.Combine(folder.FullName, "openapi.json");
                await File.WriteAllTextAsync(description, await DescriptionAsync(sandbox));
                using var prism = await PrismAsync(description);
                await MeasureAsync("Prism", prism, rates);
            }

            Console.WriteLine("| service | GET one, requests/s | POST, requests/s |\n| --- | ---: | ---: |");
            foreach (var (name, (get, post)) in rates)
                Console.WriteLine($"| {name} | {Row.Middle(get):0} | {Row.Middle(post):0} |");
            var (ours, theirs) = (rates["sandbox, 50,000 active sessions"], rates["bare minimal API"]);
            var isGetFast = Row.Middle(ours.Get) >= Row.Middle(theirs.Get) / 2;
            var isPostFast = Row.Middle(ours.Post) >= Math.Max(5000, Row.Middle(rates["Prism"].Post));
            var isReadyFast = Row.Middle(ready) <= 250;
            Console.WriteLine($"\nready: {Row.Middle(ready):0} ms, bare minimal API {Row.Middle(bareReady):0} ms, goal 250 ms");
            var isFlat = await ListAsync();
            var isResetFast = await ResetAsync();
            Console.WriteLine($"GET at least half of the bare API: {Met(isGetFast)}; POST at least Prism's and 5,000/s: {Met(isPostFast)}; ready: {Met(isReadyFast)}; list flat: {Met(isFlat)}; reset: {Met(isResetFast)}");
            return isGetFast && isPostFast && isReadyFast && isFlat && isResetFast ? 0 : 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Met(bool isMet) => isMet ? "met" : "missed";

    /// <summary>Lists many sessions, and tells whether the memory of the sandbox stays as it is.</summary>
    private static async Task<bool> ListAsync()
    {
        using var sandbox = await SandboxAsync();
        await FillAsync(sandbox, ListedSessions);
        using var http = Client(sandbox);
        await ReadListAsync(http);
        var before = sandbox.Megabytes;
        var watch = Stopwatch.StartNew();
        var bytes = await ReadListAsync(http);
        var (took, growth) = (watch.Elapsed, sandbox.Megabytes - before);
        Console.WriteLine($"list of {ListedSessions} sessions: {bytes / 1e6:0} MB in {took.TotalMilliseconds:0} ms, growth of the sandbox {growth:0} MB, goal 32 MB");
        return growth <= 32;
    }

    /// <summary>Empties a sandbox with many sessions again and again, and tells whether that takes at most 20 ms.</summary>
    private static async Task<bool> ResetAsync()
    {
        const int Resets = 5;
        var goal = TimeSpan.FromMilliseconds(20);
        using var sandbox = await SandboxAsync();
        using var http = Client(sandbox);
        var times = new List<double>();
        // The first has code compiled, and does not count.
        for (var reset = 0; reset <= Resets; reset++)
        {
            await FillAsync(sandbox, ResetSessions);
            var watch = Stopwatch.StartNew();
            using var response = await http.PostAsync(new Uri("/sandbox/reset", UriKind.Relative), null);
            var took = watch.Elapsed;
            response.EnsureSuccessStatusCode();
            if (reset > 0)
                times.Add(took.TotalMilliseconds);
        }

        Console.WriteLine($"reset with {ResetSessions} sessions, middle of {Resets}: {Row.Middle(times):0.0} ms ({times.Min():0.0} to {times.Max():0.0}), goal {goal.TotalMilliseconds:0} ms");
        return Row.Middle(times) <= goal.TotalMilliseconds;
    }

    private static async Task<long> ReadListAsync(HttpClient http)
    {
        using var response = await http.GetAsync("sessions", HttpCompletionOption.ResponseHeadersRead);
        await using var body = await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync();
        var buffer = new byte[65536];
        var length = 0L;
        for (var read = 1; read > 0; length += read)
            read = await body.ReadAsync(buffer);
        return length;
    }

    private static async Task MeasureAsync(string name, MeasuredService service, Dictionary<string, (List<double> Get, List<double> Post)> rates)
    {
        if (!rates.TryGetValue(name, out var rate))
            rates[name] = rate = ([], []);
        var id = await CreateAsync(service);
        // Each has answered before it is measured.
        await service.RequestsPerSecondAsync("GET", $"sessions/{id}", TimeSpan.FromSeconds(1));
        rate.Get.Add(await service.RequestsPerSecondAsync("GET", $"sessions/{id}", _time));
        rate.Post.Add(await service.RequestsPerSecondAsync("POST", "sessions", _time));
    }

    private static async Task FillAsync(MeasuredService sandbox, int count)
    {
        using var http = Client(sandbox);
        await Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (_, _) => await CreateAsync(http));
    }

    private static async Task<string> CreateAsync(MeasuredService service)
    {
        using var http = Client(service);
        return await CreateAsync(http);
    }

    private static async Task<string> CreateAsync(HttpClient http)
    {
        using var content = new ByteArrayContent("""{"name":"bench","gpu":"rtx4090"}"""u8.ToArray()) { Headers = { ContentType = new("application/json") } };
        using var response = await http.PostAsync("sessions", content);
        using var body = await JsonDocument.ParseAsync(await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync());
        return body.RootElement.GetProperty("id").GetString()!;
    }

    private static async Task<string> DescriptionAsync(MeasuredService sandbox)
    {
        using var http = Client(sandbox);
        return await http.GetStringAsync(new Uri(sandbox.BaseUri, "/openapi.json"));
    }

    private static HttpClient Client(MeasuredService service) => new()
    {
        BaseAddress = service.BaseUri,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", MeasuredService.Key) },
    };

    private static Task<MeasuredService> SandboxAsync() => MeasuredService.StartAsync(
        "dotnet",
        ["exec", _service, "--rate-limit", "100000000", "--provisioning-seconds", "100000", "--exit-with-stdin"],
        static line =>
        {
            using var ready = JsonDocument.Parse(line);
            return $"{ready.RootElement.GetProperty("base_uri").GetString()}/";
        });

    private static Task<MeasuredService> OtherAsync(string name) =>
        MeasuredService.StartAsync("dotnet", ["exec", Path.Combine(_others, "bin", "Release", "net10.0", "OtherServices.dll"), name], static line => line);

    /// <summary>Only this benchmark needs the other services, so the solution does not build them.</summary>
    private static async Task BuildOthersAsync()
    {
        using var build = Process.Start("dotnet", ["build", _others, "-c", "Release", "-v", "q", "-nologo"]);
        await build.WaitForExitAsync();
        if (build.ExitCode != 0)
            throw new InvalidOperationException("The other services were not built.");
    }

    private static Task<MeasuredService> PrismAsync(string description) =>
        MeasuredService.StartAsync("npx", ["-y", PrismPackage, "mock", "-p", "0", description], static line =>
        {
            var at = line.IndexOf("http://127.0.0.1:", StringComparison.Ordinal);
            return line.Contains("listening", StringComparison.Ordinal) && at > 0 ? $"{line[at..].Trim().TrimEnd('/')}/" : null;
        });
}
