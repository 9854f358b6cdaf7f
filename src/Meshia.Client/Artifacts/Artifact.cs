namespace Meshia;

/// <summary>A file of an experiment.</summary>
public sealed class Artifact : IServiceObject
{
    private readonly long? _sizeBytes;
    private readonly string? _sha256;
    private FieldDoubt? _doubt;

    /// <summary>The artifact's id, as in <c>art_abc</c>.</summary>
    public required string Id { get; init; }

    /// <summary>The experiment that made it.</summary>
    public string? ExperimentId { get; init; }

    /// <summary>Its file name as the service gives it: any text, also one that no file system takes.</summary>
    public string? Name { get; init; }

    /// <summary>Its size in bytes; at most 2 GB by the documentation. Null where the service gave none, or a negative one.</summary>
    public long? SizeBytes
    {
        get => _sizeBytes;
        init => _sizeBytes = value < 0 ? null : value;
    }

    /// <summary>Its media type.</summary>
    public string? ContentType { get; init; }

    /// <summary>
    /// The SHA-256 of its bytes, where the service gives it, in lower-case hexadecimal digits. Upper case, base64 and a
    /// name in front (<c>sha256:</c>) are read; what is none of these stays as it came.
    /// </summary>
    public string? Sha256
    {
        get => _sha256;
        init => _sha256 = Sha256Text.TryRead(value) ?? value;
    }

    /// <summary>The same, where it can be compared with.</summary>
    internal string? KnownSha256 => Sha256Text.TryRead(_sha256);

    /// <summary>When it was made, UTC.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>What else the service said of it, by the names on the wire.</summary>
    public IDictionary<string, object?> AdditionalProperties { get; init; } = new JsonObject();

    /// <summary>The id.</summary>
    public override string ToString() => Id;

    /// <summary>Whether it is the same artifact: one with the same id.</summary>
    /// <param name="obj">Another object.</param>
    public override bool Equals(object? obj) => obj is Artifact other && other.Id == Id;

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Id);

    FieldDoubt? IServiceObject.Doubt => _doubt;

    /// <summary>Reads an artifact, or its bare id.</summary>
    internal static Artifact From(object? value, string? experimentId)
    {
        var fields = value is string || ExactNumber.IsExact(value)
            ? new JsonFields(new() { [ContractNames.Id] = value })
            : JsonFields.Of(value, "artifact");
        var size = fields.Integer(ContractNames.SizeBytes) ?? fields.Integer("size") ?? fields.Integer("bytes") ?? fields.Integer("file_size");
        var artifact = new Artifact
        {
            Id = fields.Id("an artifact", "artifact_id"),
            ExperimentId = fields.Text(ContractNames.ExperimentId) ?? experimentId,
            Name = fields.Text(ContractNames.Name) ?? fields.Text("filename"),
            SizeBytes = size,
            ContentType = fields.Text(ContractNames.ContentType),
            Sha256 = fields.Text(ContractNames.Sha256),
            CreatedAt = fields.Time(ContractNames.CreatedAt) ?? fields.Time("created"),
            AdditionalProperties = fields.Rest,
        };
        fields.Expect(ContractNames.Name, artifact.Name is not null);
        fields.Expect(ContractNames.SizeBytes, size is not null);
        artifact._doubt = fields.Doubt("an artifact");
        return artifact;
    }

    /// <summary>Reads one of an experiment's artifacts, or null: one that is not readable must not hide the experiment.</summary>
    internal static Artifact? TryRead(object? value, string experimentId)
    {
        try
        {
            return From(value, experimentId);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
