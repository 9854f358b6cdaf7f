using System.Text;

namespace Meshia;

/// <summary>Experiments side by side.</summary>
public sealed class ExperimentComparison
{
    internal ExperimentComparison(IReadOnlyList<Experiment> experiments, string baselineId, Tolerance tolerance, IReadOnlyList<ComparisonRow> rows, IDictionary<string, object?> rest)
    {
        (BaselineId, Tolerance, AdditionalProperties) = (baselineId, tolerance.ToString(), rest);
        Experiments = new NamedList<Experiment>(experiments, experiment => experiment.Id);
        Config = RowsOf(ComparisonRowKind.Config);
        Metrics = RowsOf(ComparisonRowKind.Metric);

        NamedList<ComparisonRow> RowsOf(ComparisonRowKind kind) => new(rows.Where(row => row.Kind == kind), row => row.Key);
    }

    /// <summary>The experiments compared, in the order in which they were named.</summary>
    public IReadOnlyList<Experiment> Experiments { get; }

    /// <summary>The experiment that the others are measured against.</summary>
    public string BaselineId { get; }

    /// <summary>The ids of the experiments.</summary>
    public override string ToString() => string.Join(", ", Experiments.Select(experiment => experiment.Id));

    /// <summary>How far numbers may be apart and still be the same, as in <c>0.01</c> or <c>2%</c>.</summary>
    public string Tolerance { get; }

    /// <summary>The configuration keys, in the order of their names.</summary>
    public IReadOnlyList<ComparisonRow> Config { get; }

    /// <summary>The metrics, in the order of their names.</summary>
    public IReadOnlyList<ComparisonRow> Metrics { get; }

    /// <summary>What else the service said, by the names on the wire.</summary>
    public IDictionary<string, object?> AdditionalProperties { get; }

    /// <summary>The comparison as JSON, with names and values as its properties have them; NaN and the infinities are texts.</summary>
    public string ToJson()
    {
        using var stream = new MemoryStream();
        WriteJson(stream);
        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <summary>Writes what <see cref="ToJson"/> gives, in UTF-8, bit by bit.</summary>
    /// <param name="stream">Where to; it stays open.</param>
    public void WriteJson(Stream stream) => ComparisonDocument.Write(stream, this);

    /// <summary>Reads a comparison from its properties, as <see cref="ToJson"/> or PowerShell's serialization wrote them.</summary>
    /// <param name="properties">The properties by name; nested objects as dictionaries, lists as arrays.</param>
    /// <exception cref="ArgumentException">They are not those of a comparison.</exception>
    public static ExperimentComparison FromProperties(IDictionary<string, object?> properties) => ComparisonDocument.Read(properties);
}
