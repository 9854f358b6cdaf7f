using System.Globalization;
using System.Text.RegularExpressions;

namespace Meshia;

/// <summary>
/// A session's name and what Meshia keeps in it: <c>base[-o&lt;token&gt;][-u&lt;UTC minute&gt;]-&lt;check&gt;</c>, as in
/// <c>nightly-oabcdefghij-u20261126t1400z-k3xq</c>. The service has no tags, and a local file is lost with its machine.
/// A name with a wrong check is a name that the user wrote.
/// </summary>
internal sealed record SessionName
{
    /// <summary>Characters of a token.</summary>
    public const int TokenLength = 10;

    /// <summary>The longest name that Meshia makes: a DNS label, so that a service that makes one of it need not cut it.</summary>
    public const int MaxLength = 63;

    private const int CheckLength = 4;
    private const string StampFormat = "yyyyMMdd't'HHmm'z'";
    private const string TokenMark = "-o";
    private const string DeadlineMark = "-u";
    private const int StampLength = 14;

    private static readonly Regex _base = new("^[a-z0-9]+(-[a-z0-9]+)*\\z");

    private SessionName(string text, string baseName, string? token, DateTimeOffset? deadline)
    {
        Text = text;
        BaseName = baseName;
        Token = token;
        Deadline = deadline;
    }

    /// <summary>The whole name.</summary>
    public string Text { get; }

    /// <summary>The name as the user wrote it.</summary>
    public string BaseName { get; }

    /// <summary>What stands for the key of <c>-Once</c>, or null.</summary>
    public string? Token { get; }

    /// <summary>When the session is to be stopped, UTC, or null. See <see cref="SessionDeadline"/> for when it counts.</summary>
    public DateTimeOffset? Deadline { get; }

    /// <summary>Makes a name. With neither a key nor a deadline it stays as the user wrote it.</summary>
    /// <param name="baseName">The name that the user wrote.</param>
    /// <param name="once">The key, or null.</param>
    /// <param name="deadline">The deadline, or null. It is rounded up to the next minute.</param>
    /// <exception cref="ArgumentException">The name cannot carry a key or a deadline.</exception>
    public static SessionName Compose(string baseName, OnceKey? once, DateTimeOffset? deadline)
    {
        if (once is null && deadline is null)
            return new(baseName, baseName, null, null);
        Validate(baseName, once is not null, deadline is not null);
        return Join(baseName, once?.Token, deadline is { } time ? RoundUp(time) : null);
    }

    /// <summary>Reads a name. One that Meshia did not make is its own base name, without a key or a deadline.</summary>
    public static SessionName Parse(string? name)
    {
        name ??= "";
        var end = name.Length - CheckLength - 1;
        if (end > 0 && name.Length <= MaxLength && name[end] == '-')
        {
            var rest = name.Substring(0, end);
            foreach (var candidate in Candidates(rest))
            {
                if (candidate is { } found && found.Text == name)
                    return found;
            }
        }

        return new(name, name, null, null);
    }

    /// <summary>Checks that a name can carry a key or a deadline, so that it comes back from a git ref and from a slug as it was.</summary>
    /// <exception cref="ArgumentException">It cannot. The message says what would be right.</exception>
    public static void Validate(string baseName, bool hasKey, bool hasDeadline)
    {
        if (!hasKey && !hasDeadline)
            return;
        var longest = MaxLength - (hasKey ? TokenMark.Length + TokenLength : 0) - (hasDeadline ? DeadlineMark.Length + StampLength : 0) - CheckLength - 1;
        if (_base.IsMatch(baseName) && baseName.Length <= longest)
        {
            if (Parse(baseName) is { } name && name.BaseName != baseName)
                throw new ArgumentException($"The name '{baseName}' already has a key or a deadline of -Once or -MaxDuration in it. Use its base name: '{name.BaseName}'.", nameof(baseName));
            return;
        }

        var slug = Regex.Replace(baseName.ToLowerInvariant(), "[^a-z0-9]+", "-").Trim('-');
        slug = (slug.Length > longest ? slug.Substring(0, longest) : slug).Trim('-');
        throw new ArgumentException(
            $"With -Once or -MaxDuration, a name can have lowercase letters, digits and single hyphens between them, {longest} characters at most here, because Meshia adds the key and the deadline to it. '{baseName}' is not such a name. Use for example '{(slug.Length > 0 ? slug : "llama-finetune")}'.",
            nameof(baseName));
    }

    private static SessionName Join(string baseName, string? token, DateTimeOffset? deadline)
    {
        var stamp = deadline?.UtcDateTime.ToString(StampFormat, CultureInfo.InvariantCulture);
        // The parts are checked one by one, so that a base that looks like a key or a deadline is not taken for one.
        var check = Digest.Of($"1|{baseName}|{token}|{stamp}", CheckLength);
        return new($"{baseName}{(token is null ? "" : TokenMark + token)}{(stamp is null ? "" : DeadlineMark + stamp)}-{check}", baseName, token, deadline);
    }

    /// <summary>What a name without its check could mean. The check tells which of it is meant.</summary>
    private static IEnumerable<SessionName?> Candidates(string rest)
    {
        var (beforeStamp, stamp) = Cut(rest, DeadlineMark, StampLength);
        if (stamp is not null && DateTimeOffset.TryParseExact(stamp, StampFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var deadline))
        {
            var (before, token) = Cut(beforeStamp, TokenMark, TokenLength);
            if (token is not null && Digest.IsDigest(token))
                yield return Join(before, token, deadline);
            yield return Join(beforeStamp, null, deadline);
        }

        var (baseName, last) = Cut(rest, TokenMark, TokenLength);
        if (last is not null && Digest.IsDigest(last))
            yield return Join(baseName, last, null);
    }

    private static (string Before, string? Part) Cut(string text, string mark, int length)
    {
        var at = text.Length - length - mark.Length;
        return at > 0 && string.CompareOrdinal(text, at, mark, 0, mark.Length) == 0 ? (text.Substring(0, at), text.Substring(at + mark.Length)) : (text, null);
    }

    private static DateTimeOffset RoundUp(DateTimeOffset time) =>
        new(((time.UtcTicks + TimeSpan.TicksPerMinute - 1) / TimeSpan.TicksPerMinute) * TimeSpan.TicksPerMinute, TimeSpan.Zero);
}
