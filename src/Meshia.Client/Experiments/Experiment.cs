namespace Meshia;

/// <summary>One tracked run in a session.</summary>
public sealed class Experiment : IServiceObject
{
    private readonly FieldDoubt? _doubt;

    private Experiment(JsonFields fields)
    {
        Id = fields.Id("an experiment", ContractNames.ExperimentId);
        SessionId = fields.Text(ContractNames.SessionId);
        Name = fields.Text(ContractNames.Name);
        Status = fields.Word(ContractNames.Status, ExperimentStatus.All) ?? fields.Word("state", ExperimentStatus.All);
        Config = fields.Map(ContractNames.Config);
        Metrics = fields.Map(ContractNames.Metrics);
        Artifacts = new NamedList<Artifact>(fields.All(ContractNames.Artifacts, item => Artifact.TryRead(item, Id)), artifact => artifact.Name ?? artifact.Id);
        Duration = fields.Seconds(ContractNames.DurationSeconds) ?? fields.Seconds(ContractNames.Duration);
        CreatedAt = fields.Time(ContractNames.CreatedAt) ?? fields.Time("created");
        CompletedAt = fields.Time(ContractNames.CompletedAt);
        Error = fields.Part(ContractNames.Error, value => JsonFields.ToText(value is Dictionary<string, object?> map && map.TryGetValue(ContractNames.Message, out var message) ? message : value));
        fields.Expect(ContractNames.Status, Status is not null);
        _doubt = fields.Doubt("an experiment");
        AdditionalProperties = fields.Rest;
    }

    /// <summary>The experiment's id, as in <c>exp_abc</c>.</summary>
    public string Id { get; }

    /// <summary>The session that it runs in.</summary>
    public string? SessionId { get; }

    /// <summary>Its name.</summary>
    public string? Name { get; }

    /// <summary><c>queued</c>, <c>running</c>, <c>completed</c>, <c>failed</c>, or a word that the service has added.</summary>
    public string? Status { get; }

    /// <summary>Its configuration: nested dictionaries, arrays and plain values.</summary>
    public IDictionary<string, object?> Config { get; }

    /// <summary>Its metrics: numbers (NaN and infinities among them), texts, null, nested dictionaries, or arrays of a history.</summary>
    public IDictionary<string, object?> Metrics { get; }

    /// <summary>Its files, as far as the service names them here; some may be known by their id only.</summary>
    public IReadOnlyList<Artifact> Artifacts { get; }

    /// <summary>How long it ran.</summary>
    public TimeSpan? Duration { get; }

    /// <summary>When it was created, UTC.</summary>
    public DateTimeOffset? CreatedAt { get; }

    /// <summary>When it ended, UTC.</summary>
    public DateTimeOffset? CompletedAt { get; }

    /// <summary>Why it failed, or null.</summary>
    public string? Error { get; }

    /// <summary>
    /// When a sync found that the service no longer has it, UTC; null if the service had it, and for objects that come
    /// from the service itself.
    /// </summary>
    public DateTimeOffset? GoneAt { get; internal set; }

    /// <summary>What else the service said of it, by the names on the wire.</summary>
    public IDictionary<string, object?> AdditionalProperties { get; }

    /// <summary>Its configuration as a comparison names it: nested keys joined by dots.</summary>
    public IDictionary<string, object?> FlattenConfig() => ComparisonValue.Flatten(Config);

    /// <summary>Its metrics as a comparison names them: nested names joined by dots.</summary>
    public IDictionary<string, object?> FlattenMetrics() => ComparisonValue.Flatten(Metrics);

    /// <summary>The id.</summary>
    public override string ToString() => Id;

    /// <summary>Whether it is the same experiment: one with the same id.</summary>
    /// <param name="obj">Another object.</param>
    public override bool Equals(object? obj) => obj is Experiment other && other.Id == Id;

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Id);

    /// <summary>Of experiments with the same id the first.</summary>
    internal static IEnumerable<Experiment> OncePerId(IEnumerable<Experiment> experiments) =>
        experiments.GroupBy(experiment => experiment.Id, StringComparer.Ordinal).Select(same => same.First());

    FieldDoubt? IServiceObject.Doubt => _doubt;

    internal static Experiment From(object? value) => new(JsonFields.Of(value, ContractNames.Experiment));
}
