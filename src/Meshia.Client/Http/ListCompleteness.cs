namespace Meshia;

/// <summary>Whether a list that was read is all that there is. Give one to <see cref="CallOptions.Completeness"/>, and look at it after the list has ended.</summary>
public sealed class ListCompleteness
{
    /// <summary>The id of the error of what must not go on with a list that is not complete.</summary>
    public const string ErrorId = "ListIncomplete";

    private readonly List<string> _reasons = [];

    /// <summary>Whether nothing tells that something is missing. It is certain only after the list was read to its end.</summary>
    public bool IsComplete
    {
        get
        {
            lock (_reasons)
                return _reasons.Count == 0;
        }
    }

    /// <summary>Why it is not complete, in sentences.</summary>
    public IReadOnlyList<string> Reasons
    {
        get
        {
            lock (_reasons)
                return [.. _reasons];
        }
    }

    internal void MarkIncomplete(DisplayText reason)
    {
        lock (_reasons)
            _reasons.Add(reason);
    }
}
