using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Meshia.PowerShell.Tests;

/// <summary>What <c>Stop-MeshiaSession -Expired</c> and <c>-Duplicate</c> stop, and what they never stop.</summary>
public sealed class SweepTests
{
    private static readonly DateTimeOffset _now = DateTimeOffset.UtcNow;
    private static readonly string _expired = Name("old", null, _now.AddHours(-1));
    private static readonly string _key = Name("work", "abcdefghij", null);

    [Fact]
    public async Task What_is_past_its_deadline_is_stopped_and_no_name_that_only_looks_like_it()
    {
        var check = _expired[^4..];
        string[] others =
        [
            Name("new", null, _now.AddHours(1)),
            _expired.ToUpperInvariant(),
            "X" + _expired,
            _expired + "a",
            _expired[..^1],
            _expired + "-2",
            " " + _expired,
            // Look-alikes: a Cyrillic letter, full-width and Arabic digits, another hyphen, a character without a width.
            _expired.Replace('o', 'о'),
            _expired.Replace('2', '２'),
            _expired.Replace('2', '٢'),
            _expired.Replace('-', '‐'),
            _expired.Insert(3, "\u200b"),
            // Times that do not exist, and other lengths.
            $"old-u20261340t9999z-{check}",
            $"old-u2026-{check}",
            $"old-u00000000t0000z-{check}",
            $"old-u99991231t2359z-{check}",
            "-u20200101t0000z-abcd",
            // Cut by a service: no check, or half of one.
            _expired[..20],
            _expired[..^5],
            new string('a', 300),
        ];
        await using var service = await Sweepable([[("expired", _expired, "running", -120)], [.. others.Select((name, number) => ($"other{number}", name, "running", -120))]]);
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        Assert.Empty(session.Output("Stop-MeshiaSession -Expired -WhatIf; Get-MeshiaSession -Expired | Stop-MeshiaSession -WhatIf"));
        Assert.Empty(Stops(service));
        Assert.Empty(session.Output("Stop-MeshiaSession -Expired"));

        Assert.Equal(["expired"], Stops(service));
    }

    [Theory]
    [InlineData(-60)]
    [InlineData(60)]
    public async Task By_a_clock_an_hour_off_nothing_is_stopped_and_an_error_says_so(int minutes)
    {
        await using var service = await Sweepable([[("expired", _expired, "running", -120)]], minutes);
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var result = session.Invoke("Stop-MeshiaSession -Expired; Stop-MeshiaSession -OlderThan 1h -Force");

        Assert.Equal(2, result.Errors.Count);
        Each.Of(result.Errors, error => Assert.StartsWith("ClockNotTrusted,", error.FullyQualifiedErrorId, StringComparison.Ordinal));
        Assert.Empty(Stops(service));
    }

    [Fact]
    public async Task Of_the_sessions_of_a_key_the_younger_one_is_stopped_while_no_job_can_run_on_it()
    {
        await using var service = await Sweepable(
        [
            // On two pages in another state each: it runs by now.
            [("third", _key, "provisioning", -1), ("second", _key, "provisioning", -2)],
            [("third", _key, "running", -1), ("first", _key, "running", -3), ("first", _key, "running", -3), ("other", Name("work", "bcdefghijk", null), "provisioning", -1)],
        ]);
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        Assert.Empty(session.Invoke("Stop-MeshiaSession -Duplicate -WhatIf").Errors);
        Assert.Empty(Stops(service));
        var result = session.Invoke("Stop-MeshiaSession -Duplicate");

        Assert.Empty(result.Errors);
        Assert.Contains("third", Assert.Single(result.Warnings), StringComparison.Ordinal);
        Assert.Equal(["second"], Stops(service));
    }

    [Fact]
    public async Task A_session_that_was_created_after_the_older_one_had_ended_is_no_duplicate_whichever_page_says_so()
    {
        await using var service = await Sweepable([[("second", _key, "provisioning", -2), ("first", _key, "stopped", -30)], [("first", _key, "running", -30)]]);
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        Assert.Empty(session.Output("Stop-MeshiaSession -Duplicate"));

        Assert.Empty(Stops(service));
    }

    [Fact]
    public async Task Where_the_list_is_not_complete_no_duplicate_is_stopped()
    {
        await using var service = await Sweepable([[("second", _key, "provisioning", -2), ("first", _key, "running", -3)]], total: 50);
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var result = session.Invoke("Stop-MeshiaSession -Duplicate");

        Assert.StartsWith("ListIncomplete,", result.Error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Empty(Stops(service));
    }

    /// <summary>A name as the page "Cost and safety" and its checks make it, by another reading of how.</summary>
    private static string Name(string baseName, string? token, DateTimeOffset? deadline)
    {
        var stamp = deadline?.ToString("yyyyMMdd't'HHmm'z'", CultureInfo.InvariantCulture);
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"1|{baseName}|{token}|{stamp}"));
        var bits = string.Concat(hash.Take(3).Select(one => Convert.ToString(one, 2).PadLeft(8, '0')));
        var check = string.Concat(Enumerable.Range(0, 4).Select(at => "abcdefghijklmnopqrstuvwxyz234567"[Convert.ToInt32(bits.Substring(5 * at, 5), 2)]));
        return $"{baseName}{(token is null ? "" : "-o" + token)}{(stamp is null ? "" : "-u" + stamp)}-{check}";
    }

    /// <summary>A service with pages of sessions, each with its id, name, status, and creation in minutes from now.</summary>
    private static Task<ScriptedService> Sweepable((string Id, string Name, string Status, int Minutes)[][] pages, int clock = 0, int? total = null) => ScriptedService.StartAsync(request =>
    {
        if (request.Method == "POST")
            return Reply.Ok($$"""{"id":"{{request.Path.Split('/')[^2]}}","status":"stopping"}""");
        var page = request.Query.Contains("cursor=", StringComparison.Ordinal) ? int.Parse(request.Query[^1..], CultureInfo.InvariantCulture) : 0;
        var answer = new
        {
            sessions = pages[page].Select(session => new
            {
                id = session.Id,
                name = session.Name,
                gpu = "rtx4090",
                status = session.Status,
                created_at = _now.AddMinutes(session.Minutes),
                stopped_at = session.Status == "stopped" ? _now.AddMinutes(-10) : (DateTimeOffset?)null,
            }),
            next_cursor = page + 1 < pages.Length ? $"{page + 1}" : null,
            total,
        };
        return Reply.Ok(System.Text.Json.JsonSerializer.Serialize(answer)).With("Date", DateTimeOffset.UtcNow.AddMinutes(clock).ToString("R", CultureInfo.InvariantCulture));
    });

    private static IEnumerable<string> Stops(ScriptedService service) => service.Requests.Where(request => request.Method == "POST").Select(request => request.Path.Split('/')[^2]);
}
