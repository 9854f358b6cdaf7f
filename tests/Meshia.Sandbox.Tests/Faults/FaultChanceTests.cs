using System.Net;

namespace Meshia.Sandbox.Tests.Faults;

/// <summary>Which of many requests a fault hits.</summary>
public class FaultChanceTests
{
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
