using System.Collections.Concurrent;

namespace Meshia;

/// <summary>
/// Looks through the files of an archive on all processors for the few lines that are wanted. What it finds comes in the order of
/// the files and lines.
/// </summary>
/// <param name="isUnwanted">Whether a line need not be read; several threads ask at once.</param>
/// <param name="damaged">Is told of each line that cannot be read.</param>
internal sealed class ArchiveScan(Func<ReadOnlyMemory<byte>, bool> isUnwanted, Action<string>? damaged)
{
    private readonly ConcurrentBag<byte[]> _spare = [];

    /// <summary>Gives the experiments of the lines that are wanted.</summary>
    public IEnumerable<Experiment> Read(IEnumerable<string> paths)
    {
        var running = new Queue<(string Path, bool IsFirst, Task<Found> Work)>();
        var (ids, before) = (new HashSet<string>(StringComparer.Ordinal), 0);
        foreach (var path in paths)
        {
            var isFirst = true;
            foreach (var part in NdjsonFile.ReadParts(path, Rent))
            {
                running.Enqueue((path, isFirst, Task.Run(() => Look(part))));
                isFirst = false;
                while (running.Count > Environment.ProcessorCount)
                {
                    foreach (var experiment in Take())
                        yield return experiment;
                }
            }
        }

        while (running.Count > 0)
        {
            foreach (var experiment in Take())
                yield return experiment;
        }

        IEnumerable<Experiment> Take()
        {
            var (path, isFirst, work) = running.Dequeue();
            if (isFirst)
            {
                ids.Clear();
                before = 0;
            }

            var found = work.GetAwaiter().GetResult();
            foreach (var (number, archived) in found.Lines)
            {
                if (archived is null)
                    damaged?.Invoke(ExperimentArchive.DamageOf(path, before + number));
                else if (ids.Add(archived.Id))
                    yield return archived.Experiment;
            }

            before += found.Count;
        }
    }

    private byte[] Rent(int size) => _spare.TryTake(out var buffer) && buffer.Length >= size ? buffer : new byte[size];

    private Found Look(NdjsonPart part)
    {
        var (lines, count) = (new List<(int Number, ArchivedExperiment? Archived)>(), 0);
        foreach (var (number, line) in part.Lines)
        {
            count = number;
            if (!NdjsonPart.IsBlank(line.Span) && !isUnwanted(line))
                lines.Add((number, ArchivedExperiment.TryRead(line, keepsJson: false)));
        }

        _spare.Add(part.Buffer);
        return new(lines, count);
    }

    /// <param name="Lines">The lines that are wanted, by their numbers within the part; null if one is damaged.</param>
    /// <param name="Count">How many lines the part has.</param>
    private sealed record Found(List<(int Number, ArchivedExperiment? Archived)> Lines, int Count);
}
