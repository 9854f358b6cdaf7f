namespace Meshia;

/// <summary>Something that goes wrong in a sandbox: on what, with which effect, how likely, how often.</summary>
public sealed class SandboxFault
{
    internal SandboxFault(JsonFields fields)
    {
        Id = fields.Text("id") ?? "";
        On = fields.Text("on") ?? "";
        Effect = fields.Text("effect") ?? "";
        Status = (int?)fields.Integer("status");
        RetryAfter = fields.Text("retry_after");
        Seconds = fields.Number("seconds");
        Flap = fields.Number("flap");
        Body = fields.Text("body");
        Probability = fields.Number("probability") ?? 1;
        Skip = fields.Integer("skip") ?? 0;
        Count = fields.Integer("count");
        Seed = fields.Integer("seed");
        Matches = fields.Integer("matches") ?? 0;
        Hits = fields.Integer("hits") ?? 0;
    }

    /// <summary>Its id, as in <c>flt_1</c>.</summary>
    public string Id { get; }

    /// <summary>The id.</summary>
    public override string ToString() => Id;

    /// <summary>What it hits, as in <c>POST /sessions</c>.</summary>
    public string On { get; }

    /// <summary>What happens.</summary>
    public string Effect { get; }

    /// <summary>The status of an error, or null for the effect's own.</summary>
    public int? Status { get; }

    /// <summary>Seconds, or a word such as <c>date</c>; null for the effect's own.</summary>
    public string? RetryAfter { get; }

    /// <summary>How long it lasts or lags, in seconds; null for the effect's own.</summary>
    public double? Seconds { get; }

    /// <summary>For a list that lags: how likely an item is missing from one look, from 0 to 1.</summary>
    public double? Flap { get; }

    /// <summary>The body of an error: <c>json</c>, <c>html</c>, <c>text</c> or <c>empty</c>; null for the effect's own.</summary>
    public string? Body { get; }

    /// <summary>From 0, never, to 1, always.</summary>
    public double Probability { get; }

    /// <summary>How many matches are spared first.</summary>
    public long Skip { get; }

    /// <summary>How often it hits at most; null for no limit.</summary>
    public long? Count { get; }

    /// <summary>The seed that decides which matches it hits; null for that of the sandbox.</summary>
    public long? Seed { get; }

    /// <summary>How many matches there were.</summary>
    public long Matches { get; }

    /// <summary>How often it has hit.</summary>
    public long Hits { get; }
}
