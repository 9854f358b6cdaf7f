using System.Diagnostics;
using System.Net;

namespace Meshia.Sandbox.Tests.Faults;

/// <summary>Which of many requests a fault hits.</summary>
public class FaultChanceTests
{
    public static TheoryData<string, string> Effects => new(
        from target in new[] { "POST /sessions", "storage", "session", "webhook" }
        from effect in Sandbox.Faults.FaultEffects.For(Sandbox.Faults.FaultTarget.Parse(target).Subject)
        select (target, effect.ToString()));

    /// <summary>One of each kind: cut, late, refused, throttled, and another view. The theory above has all of them.</summary>
    public static TheoryData<string> RequestEffects => ["CutAfter", "StatusAfter", "LandLate", "Status", "Throttle", "Vary"];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 10)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task The_same_seed_hits_the_same_whatever_else_is_asked_beside(int seed)
    {
        var alone = await HitsAsync(seed, beside: false);
        var beside = await HitsAsync(seed, beside: true);
        Assert.Equal(alone, beside);
        Assert.Contains(true, alone);
        Assert.Contains(false, alone);
    }

    [Fact]
    public async Task Other_seeds_hit_others()
    {
        var all = new List<string>();
        foreach (var seed in Seeds)
            all.Add(string.Concat(await HitsAsync(seed.Data, beside: false)));
        Assert.Equal(all.Count, all.Distinct().Count());
    }

    [Fact]
    public async Task Skip_and_count_are_exact_under_parallel_requests()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var id = await FaultTests.AddAsync(sandbox, new { on = "GET /sessions", effect = "status", status = 500, skip = 5, count = 3 });
        var statuses = await Task.WhenAll(Enumerable.Range(0, 60).Select(async _ =>
        {
            using var response = await sandbox.SendAsync(HttpMethod.Get, "sessions");
            return response.StatusCode;
        }));
        Assert.Equal(3, statuses.Count(status => status == HttpStatusCode.InternalServerError));
        Assert.Equal((60, 3), await FaultTests.CountsAsync(sandbox, id));
    }

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 10_000, 10_000)]
    // 10,000 tries at 0.2: 2,000, and three standard deviations of 40.
    [InlineData(0.2, 1880, 2120)]
    public void Of_ten_thousand_matches_as_many_are_hit_as_the_probability_says(double probability, int least, int most)
    {
        var faults = new Sandbox.Faults.FaultBook(new Seed(7));
        faults.Add(Body($$"""{"on":"GET *","effect":"status","probability":{{probability.ToString(System.Globalization.CultureInfo.InvariantCulture)}}}"""));
        var hits = Enumerable.Range(0, 10_000).Count(_ => faults.NextForRequest(Sandbox.Faults.FaultSubject.Request, "GET", "/sessions").Count > 0);
        Assert.InRange(hits, least, most);
    }

    /// <summary>Every effect, ten seeds each, on what it can be.</summary>
    [Theory]
    [MemberData(nameof(Effects))]
    public void Each_effect_hits_the_same_matches_twice_with_unrelated_traffic_beside_it(string on, string effect)
    {
        var (subject, method, path) = (Sandbox.Faults.FaultTarget.Parse(on).Subject, on.Split(' ')[0], on.Split(' ')[^1]);
        foreach (var seed in Seeds.Select(row => row.Data))
        {
            var alone = Hits(seed, besideEach: 0);
            Assert.Equal(alone, Hits(seed, besideEach: 3));
            Assert.InRange(alone.Count(hit => hit), 1, 99);
        }

        Assert.Equal(3, Hits(1, besideEach: 0, chance: """ "count":3 """).Count(hit => hit));
        Assert.DoesNotContain(true, Hits(1, besideEach: 0, chance: """ "probability":0 """));
        Assert.DoesNotContain(false, Hits(1, besideEach: 0, chance: """ "probability":1 """));

        List<bool> Hits(int seed, int besideEach, string chance = """ "probability":0.3 """)
        {
            var faults = new Sandbox.Faults.FaultBook(new Seed(7));
            faults.Add(Body($$"""{"on":"{{on}}","effect":"{{effect}}","seed":{{seed}},{{chance}}}"""));
            return [.. Enumerable.Range(0, 100).Select(_ =>
            {
                for (var i = 0; i < besideEach; i++)
                    Next(Sandbox.Faults.FaultSubject.Request, "GET", "/webhooks");
                return Next(subject, method, path);
            })];

            bool Next(Sandbox.Faults.FaultSubject what, string verb, string name) => what switch
            {
                Sandbox.Faults.FaultSubject.Session => faults.NextForSession(name) is not null,
                Sandbox.Faults.FaultSubject.Webhook => faults.NextForMessage(name) is not null,
                _ => faults.NextForRequest(what, verb, name).Count > 0,
            };
        }
    }

    [Fact]
    public void Two_faults_of_one_kind_do_not_hit_the_same_requests()
    {
        var faults = new Sandbox.Faults.FaultBook(new Seed(7));
        faults.Add(Body("""{"on":"GET *","effect":"status","status":500,"probability":0.5}"""));
        faults.Add(Body("""{"on":"GET *","effect":"status","status":503,"probability":0.5}"""));
        var hits = Enumerable.Range(0, 100).SelectMany(_ => faults.NextForRequest(Sandbox.Faults.FaultSubject.Request, "GET", "/sessions")).ToList();
        Assert.Contains(hits, hit => hit.Status == 500);
        Assert.Contains(hits, hit => hit.Status == 503);
    }

    /// <summary>The same over the wire, asked for by curl as a tester in any language would.</summary>
    [Theory]
    [MemberData(nameof(RequestEffects))]
    public async Task Ten_seeds_hit_the_same_requests_of_curl_twice(string effect)
    {
        Assert.SkipUnless(FindCurl() is not null, "There is no curl on the PATH.");
        await using var sandbox = await TestSandbox.StartAsync(TestSandbox.Options with { RateLimit = 1_000_000 });
        foreach (var seed in Seeds.Select(row => row.Data))
        {
            var alone = await CurlAsync(beside: false);
            Assert.Equal(alone, await CurlAsync(beside: true));

            async Task<List<bool>> CurlAsync(bool beside)
            {
                using (var reset = await sandbox.SendAsync(HttpMethod.Post, "/sandbox/reset"))
                    Assert.True(reset.IsSuccessStatusCode);
                await FaultTests.AddAsync(sandbox, new { on = "GET /sessions", effect, seconds = 0, probability = 0.4, seed });
                // On a kept connection that is cut, curl sends the request again by itself.
                var start = new ProcessStartInfo(FindCurl()!, ["-s", "--max-time", "60", "-H", "Connection: close", "-H", $"Authorization: Bearer {TestSandbox.Key}"]) { RedirectStandardOutput = true };
                for (var i = 0; i < 12; i++)
                    start.ArgumentList.Add(new Uri(sandbox.Http.BaseAddress!, "sessions").AbsoluteUri);
                using var curl = Process.Start(start)!;
                var output = curl.StandardOutput.ReadToEndAsync(TestSandbox.Cancel);
                while (beside && !curl.HasExited)
                    await sandbox.GetAsync("webhooks");
                await output;
                await curl.WaitForExitAsync(TestSandbox.Cancel);
                var requests = (await sandbox.GetAsync("/sandbox/requests?path=/sessions")).GetProperty("requests");
                Assert.Equal(12, requests.GetArrayLength());
                return [.. requests.EnumerateArray().Select(request => request.GetProperty("fault").ValueKind == System.Text.Json.JsonValueKind.String)];
            }
        }
    }

    private static string? FindCurl() => Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "curl.exe" : "curl")).FirstOrDefault(File.Exists);

    private static Sandbox.Connection.RequestBody Body(string json) => new(TestSandbox.Parse(json));

    private static async Task<List<bool>> HitsAsync(int seed, bool beside)
    {
        await using var sandbox = await TestSandbox.StartAsync();
        await FaultTests.AddAsync(sandbox, new { on = "GET /sessions", effect = "status", status = 500, probability = 0.3, seed });
        var hits = new List<bool>();
        for (var i = 0; i < 20; i++)
        {
            var others = beside ? Enumerable.Range(0, 3).Select(_ => sandbox.GetAsync("webhooks")).ToArray() : [];
            using var response = await sandbox.SendAsync(HttpMethod.Get, "sessions");
            hits.Add(response.StatusCode == HttpStatusCode.InternalServerError);
            await Task.WhenAll(others);
        }

        return hits;
    }
}
