using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Meshia.Benchmarks;

/// <summary>The ten best of a large archive by one metric.</summary>
internal static class ArchiveBenchmark
{
    private const int Experiments = 100_000;
    private const int PerSession = 100;
    private const int Rounds = 9;
    private const int NotesLength = 1700;
    private const double Megabyte = 1024 * 1024;
    private static readonly TimeSpan _goal = TimeSpan.FromSeconds(1);
    private const double MemoryGoal = 60;

    public static int Run()
    {
        var folder = Directory.CreateTempSubdirectory("meshia-archive-");
        try
        {
            var bytes = Fill(Path.Combine(folder.FullName, "experiments"));
            using var process = Process.GetCurrentProcess();
            var before = process.PeakWorkingSet64;
            var times = Enumerable.Range(0, Rounds).Select(_ => Find(folder.FullName)).ToList();
            process.Refresh();
            var (first, median, growth) = (times[0], times.Order().ElementAt(Rounds / 2), (process.PeakWorkingSet64 - before) / Megabyte);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"the ten best of {Experiments:N0} experiments, {bytes / Megabyte:F0} MB: first {first.TotalMilliseconds:F0} ms, median {median.TotalMilliseconds:F0} ms, +{growth:F0} MB"));
            return first <= _goal && growth <= MemoryGoal ? 0 : 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static TimeSpan Find(string folder)
    {
        var watch = Stopwatch.StartNew();
        var ranking = new ExperimentRanking("loss", MetricGoal.Minimize, 10);
        foreach (var experiment in ExperimentArchive.Open(folder).Read(null, null, ranking.IsBeaten))
            ranking.Add(experiment);
        return ranking.Best.Count() == 10 ? watch.Elapsed : throw new InvalidOperationException("There are not ten.");
    }

    private static long Fill(string folder)
    {
        Directory.CreateDirectory(folder);
        var (random, notes, bytes) = (new Random(1), new string('x', NotesLength), 0L);
        for (var session = 0; session < Experiments / PerSession; session++)
        {
            var path = Path.Combine(folder, $"sess_{session:0000}.ndjson");
            File.WriteAllLines(path, Enumerable.Range(session * PerSession, PerSession).Select(number => JsonSerializer.Serialize(new
            {
                id = $"exp_{number:000000}",
                session_id = $"sess_{session:0000}",
                name = $"run {number}",
                status = "completed",
                config = new { optimizer = new { name = "adamw", lr = random.NextDouble() }, seed = number },
                metrics = new { accuracy = random.NextDouble(), loss = number % 100 == 0 ? (object)"NaN" : random.NextDouble() * 3, steps = number },
                duration_seconds = random.NextDouble() * 7200,
                created_at = DateTimeOffset.UnixEpoch.AddMinutes(number),
                notes,
                _meshia = new { seen_at = DateTimeOffset.UnixEpoch, session_id = $"sess_{session:0000}" },
            })));
            bytes += new FileInfo(path).Length;
        }

        return bytes;
    }
}
