namespace Meshia;

/// <summary>Where a pipeline shows a comparison.</summary>
public enum PublishedKind
{
    /// <summary>A comment on the pull request.</summary>
    Comment,

    /// <summary>The summary of the step or the run.</summary>
    Summary,

    /// <summary>A message for each rule that failed.</summary>
    Annotation,
}

/// <summary>What was done to what was there.</summary>
public enum PublishedAction
{
    /// <summary>It is new.</summary>
    Created,

    /// <summary>It replaces what an earlier run wrote.</summary>
    Updated,

    /// <summary>An earlier run wrote the same.</summary>
    Unchanged,
}

/// <summary>One place that a comparison was written to.</summary>
public sealed class PublishedComparison
{
    /// <summary>The title, by which the next run finds the comment again.</summary>
    public required string Title { get; init; }

    /// <summary>What was written.</summary>
    public required PublishedKind Kind { get; init; }

    /// <summary>What was done.</summary>
    public required PublishedAction Action { get; init; }

    /// <summary>The address of the comment, or the file of the summary; null for annotations.</summary>
    public Uri? Uri { get; init; }

    /// <summary>The kind and the address.</summary>
    public override string ToString() => Uri is null ? Kind.ToString() : $"{Kind} {Uri}";
}
