using System.Globalization;

namespace Meshia.Client.Tests;

/// <summary>An archive is looked through by several threads, in parts of its files.</summary>
public sealed class ArchiveScanTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-scan-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Several_threads_find_what_one_finds_and_name_the_same_damaged_lines()
    {
        var random = new Random(5);
        var experiments = _folder.CreateSubdirectory("experiments").FullName;
        for (var file = 0; file < 3; file++)
        {
            var lines = Enumerable.Range(0, 2000).Select(number => Line(random, file, number)).ToList();
            // Longer than a part, blank, torn, and an id that comes again.
            lines[700] = $$$"""{"id":"long_{{{file}}}","status":"completed","notes":"{{{new string('x', 400_000)}}}","metrics":{"loss":0.005}}""";
            lines[900] = "";
            lines[1500] = lines[1500][..50];
            lines[1999] = lines[3];
            File.WriteAllText(Path.Combine(experiments, $"sess_{file}.ndjson"), string.Join('\n', lines) + (file == 1 ? "" : "\n"));
        }

        var archive = ExperimentArchive.Open(_folder.FullName);
        var (expected, damaged) = (new ExperimentRanking("loss", MetricGoal.Minimize, 25), new List<string>());
        foreach (var experiment in archive.Read(damaged: damaged.Add))
            expected.Add(experiment);
        var (ranking, said) = (new ExperimentRanking("loss", MetricGoal.Minimize, 25), new List<string>());
        foreach (var experiment in archive.Read(null, said.Add, ranking.IsBeaten))
            ranking.Add(experiment);

        Assert.Equal(25, ranking.Best.Count());
        Assert.Equal(expected.Best.Select(experiment => experiment.Id), ranking.Best.Select(experiment => experiment.Id));
        Assert.Equal(3, said.Count);
        Assert.Equal(damaged, said);
    }

    /// <summary>Of two decimals, so that many are equal: of those, the first counts.</summary>
    private static string Line(Random random, int file, int number) => string.Create(
        CultureInfo.InvariantCulture,
        $$$"""{"id":"exp_{{{file}}}_{{{number}}}","status":"completed","notes":"{{{new string('y', random.Next(300))}}}","metrics":{"loss":{{{(number % 50 == 0 ? "\"NaN\"" : random.NextDouble().ToString("F2", CultureInfo.InvariantCulture))}}},"other":1}}""");
}
