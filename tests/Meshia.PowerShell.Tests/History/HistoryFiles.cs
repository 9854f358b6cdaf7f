using System.Text.Json;

namespace Meshia.PowerShell.Tests;

/// <summary>An archive of experiments that a test writes itself, as any tool may.</summary>
internal sealed class HistoryFiles : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-history-");

    /// <summary>The archive's folder.</summary>
    public string Archive => Path.Combine(_folder.FullName, "history");

    /// <summary>A file beside it.</summary>
    public string Page => Path.Combine(_folder.FullName, "history.html");

    /// <summary>Writes the archive, one session of so many experiments.</summary>
    public void Write(params IEnumerable<string> lines)
    {
        Directory.CreateDirectory(Path.Combine(Archive, "experiments"));
        File.WriteAllLines(Path.Combine(Archive, "experiments", "sess_1.ndjson"), lines);
    }

    /// <summary>A line of it.</summary>
    public static string Line(string id, string? name = null, string status = "completed", object? metrics = null, object? config = null, string? createdAt = null, bool isGone = false) =>
        JsonSerializer.Serialize(new Dictionary<string, object?>
        {
            ["id"] = id,
            ["session_id"] = "sess_1",
            ["name"] = name ?? $"run of {id}",
            ["status"] = status,
            ["config"] = config ?? new { },
            ["metrics"] = metrics ?? new { },
            ["artifacts"] = Array.Empty<object>(),
            ["duration_seconds"] = 61.5,
            ["created_at"] = createdAt ?? "2026-01-02T03:04:05Z",
            ["_meshia"] = isGone ? new Dictionary<string, object?> { ["seen_at"] = "2026-01-03T00:00:00.000Z", ["session_id"] = "sess_1", ["gone_at"] = "2026-03-01T00:00:00.000Z" } : new() { ["seen_at"] = "2026-01-03T00:00:00.000Z", ["session_id"] = "sess_1" },
        });

    /// <summary>A sweep: a number of experiments, each an hour after the one before, with losses that go down and up.</summary>
    public static IEnumerable<string> Sweep(int count) => Enumerable.Range(0, count).Select(number => Line(
        $"exp_{number:0000}",
        $"run {number}",
        number % 10 == 3 ? "failed" : "completed",
        number % 10 == 3 ? new { } : new { loss = number % 10 == 4 ? "NaN" : (object)(Math.Abs(number - 100) / 100.0), steps_per_second = 10 + (number % 7), accuracy = 1 - (Math.Abs(number - 100) / 500.0) },
        new { optimizer = new { lr = Math.Pow(10, -1 - (number % 5)), name = number % 2 == 0 ? "adamw" : "sgd" }, seed = number, amp = number % 3 == 0 },
        new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddHours(number).ToString("o"),
        isGone: number == 1));

    public void Dispose() => _folder.Delete(recursive: true);
}
