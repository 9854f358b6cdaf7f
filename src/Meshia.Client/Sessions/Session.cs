namespace Meshia;

/// <summary>One GPU pod.</summary>
public sealed class Session : IServiceObject
{
    private static readonly string[] _wrappers = [ContractNames.Session];

    private readonly FieldDoubt? _doubt;

    /// <summary>Null where there is nothing else, as in most of a list's thousands of sessions.</summary>
    private IDictionary<string, object?>? _additional;

    /// <summary>A decimal, as an object: a list has thousands of sessions, and most have no cost.</summary>
    private object? _cost;

    private Session(JsonFields fields)
    {
        Id = fields.Id("a session", ContractNames.SessionId);
        Name = fields.Text(ContractNames.Name);
        Gpu = fields.Text(ContractNames.Gpu) ?? fields.Text("gpu_type");
        Repo = fields.Text(ContractNames.Repo);
        Status = fields.Word(ContractNames.Status, SessionStatus.All) ?? fields.Word("state", SessionStatus.All);
        CreatedAt = fields.Time(ContractNames.CreatedAt) ?? fields.Time("created");
        StartedAt = fields.Time(ContractNames.StartedAt);
        StoppedAt = fields.Time(ContractNames.StoppedAt);
        fields.Expect(ContractNames.Name, Name is not null);
        fields.Expect(ContractNames.Gpu, Gpu is not null);
        fields.Expect(ContractNames.Status, Status is not null);
        fields.Expect(ContractNames.CreatedAt, CreatedAt is not null);
        _doubt = fields.Doubt("a session");
        _additional = fields.HasRest ? fields.Rest : null;
    }

    /// <summary>The session's id, as in <c>sess_abc</c>.</summary>
    public string Id { get; }

    /// <summary>The name that it was given; names need not be unique.</summary>
    public string? Name { get; }

    /// <summary>The name without the key and the deadline that <c>-Once</c> and <c>-MaxDuration</c> add to it.</summary>
    public string? BaseName => Name is null ? null : SessionName.Parse(Name).BaseName;

    /// <summary>What stands for the key of <c>-Once</c> in the name (10 characters), or null.</summary>
    public string? Once => SessionName.Parse(Name).Token;

    /// <summary>When the session is to be stopped, by <c>-MaxDuration</c>, UTC; or null.</summary>
    public DateTimeOffset? Deadline => SessionDeadline.Of(SessionName.Parse(Name), CreatedAt);

    /// <summary>Whether the call that returned it found it by its key instead of creating it.</summary>
    public bool Adopted { get; internal set; }

    /// <summary>The GPU's slug, as in <c>rtx4090</c>.</summary>
    public string? Gpu { get; }

    /// <summary>The repository, as in <c>github:user/repo</c>, or null.</summary>
    public string? Repo { get; }

    /// <summary><c>provisioning</c>, <c>running</c>, <c>stopping</c>, <c>stopped</c>, <c>failed</c>, or a word that the service has added.</summary>
    public string? Status { get; }

    /// <summary>When it was created, UTC.</summary>
    public DateTimeOffset? CreatedAt { get; }

    /// <summary>When its pod was ready, UTC.</summary>
    public DateTimeOffset? StartedAt { get; }

    /// <summary>When it stopped, UTC.</summary>
    public DateTimeOffset? StoppedAt { get; }

    /// <summary>
    /// What it has cost from its creation until it stopped, or until it was asked for, by the prices of the profile; null if
    /// the profile has no price for its GPU.
    /// </summary>
    public decimal? Cost
    {
        get => (decimal?)_cost;
        internal set => _cost = value;
    }

    /// <summary>What else the service said of it, by the names on the wire.</summary>
    public IDictionary<string, object?> AdditionalProperties => _additional ??= new JsonObject();

    /// <summary>The id.</summary>
    public override string ToString() => Id;

    /// <summary>Whether it is the same session: one with the same id.</summary>
    /// <param name="obj">Another object.</param>
    public override bool Equals(object? obj) => obj is Session other && other.Id == Id;

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Id);

    FieldDoubt? IServiceObject.Doubt => _doubt;

    internal static Session From(object? value) => new(JsonFields.Of(value, _wrappers));
}
