using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.Data.Sqlite;

namespace Meshia.Chaos.Tests;

/// <summary>A sandbox is killed at any moment: its database is sound, and what it has answered is there.</summary>
public sealed class SandboxKillTests : IDisposable
{
    private static readonly TimeSpan _longest = TimeSpan.FromMilliseconds(600);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-chaos-");

    public void Dispose()
    {
        SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task After_each_kill_the_database_is_sound_and_has_every_session_that_was_answered()
    {
        var run = new ChaosRun(usual: 5);
        var data = Path.Combine(_folder.FullName, "data");
        var answered = new ConcurrentBag<string>();
        for (var round = 0; round < run.Rounds; round++)
        {
            var time = _longest * run.Random.NextDouble();
            var what = $"{run.Round(round)}, killed after {time.TotalMilliseconds} ms";
            using (var victim = await Sandbox.StartAsync(data))
            {
                // One in any case, on a busy machine too.
                await CreateAsync(victim, answered, most: 1);
                var work = Enumerable.Range(0, 4).Select(_ => CreateAsync(victim, answered, int.MaxValue)).ToArray();
                await victim.KillAfterAsync(time);
                await Task.WhenAll(work);
            }

            Assert.True(Check(data) == "ok", $"The database is damaged: {Check(data)} ({what})");
            using var next = await Sandbox.StartAsync(data);
            var listed = new HashSet<string>();
            for (string? cursor = ""; cursor is not null;)
            {
                var page = await next.GetAsync($"sessions{(cursor.Length > 0 ? $"?cursor={Uri.EscapeDataString(cursor)}" : "")}");
                listed.UnionWith(page.GetProperty("sessions").EnumerateArray().Select(session => session.GetProperty("id").GetString()!));
                cursor = page.TryGetProperty("next_cursor", out var more) ? more.GetString() : null;
            }

            Assert.True(answered.All(listed.Contains), $"{answered.Count(id => !listed.Contains(id))} sessions that were answered are gone ({what}).");
            await next.KillAfterAsync(TimeSpan.Zero);
        }

        Assert.NotEmpty(answered);
        ChaosRun.Say($"{answered.Count} sessions were answered");
    }

    private static async Task CreateAsync(Sandbox sandbox, ConcurrentBag<string> answered, int most)
    {
        try
        {
            for (var count = 0; count < most; count++)
            {
                using var response = await sandbox.Http.PostAsJsonAsync("sessions", new { name = "chaos", gpu = "rtx4090" }, ChaosRun.Cancel);
                answered.Add((await response.Content.ReadFromJsonAsync<JsonElement>(ChaosRun.Cancel)).GetProperty("id").GetString()!);
            }
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or JsonException)
        {
            // It was killed.
        }
    }

    private static string Check(string data)
    {
        var file = Directory.EnumerateFiles(data, "*.db", SearchOption.AllDirectories).First();
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA integrity_check";
        return (string)command.ExecuteScalar()!;
    }
}
