namespace Meshia.Sandbox.Faults;

/// <summary>What a fault does. The comments say on what it can be set and what the defaults are.</summary>
internal enum FaultEffect
{
    // Requests to the API: an outcome. A request has at most one.

    /// <summary>The work is done, then the connection is cut before any byte of the answer.</summary>
    CutAfter,

    /// <summary>The work is done, then the answer is an error: <c>status</c> 500.</summary>
    StatusAfter,

    /// <summary>The connection is cut at once, and the work is done <c>seconds</c> (5) of the sandbox's time later.</summary>
    LandLate,

    /// <summary>The connection is cut, and nothing is done.</summary>
    CutBefore,

    /// <summary>Nothing is done; the answer is an error: <c>status</c> 503, <c>retry_after</c>, <c>body</c>.</summary>
    Status,

    /// <summary>429 with <c>retry_after</c> in any form.</summary>
    Throttle,

    /// <summary>The answer of a gateway: <c>status</c> 502 with an HTML page.</summary>
    Html,

    /// <summary>The key is revoked, from this request on.</summary>
    RevokeKey,

    /// <summary>The work is done, and the answer has no body.</summary>
    Empty,

    /// <summary>The work is done, and the answer ends in the middle of the JSON, as if that were all.</summary>
    Malformed,

    // Requests to the API or the storage: an outcome.

    /// <summary>The connection is cut in the middle of the body.</summary>
    CutBody,

    /// <summary>The body stops in the middle for <c>seconds</c> (3600), then goes on.</summary>
    Stall,

    /// <summary>The body comes byte by byte, one each <c>seconds</c> (1).</summary>
    Trickle,

    /// <summary>One bit of the body is wrong.</summary>
    Corrupt,

    // Requests to the storage.

    /// <summary>A request for a range is answered with the whole.</summary>
    IgnoreRange,

    /// <summary>The signed address expires in the middle: the connection is cut, and the address answers 403 from then on.</summary>
    Expire,

    // Requests to the API: how the answer looks. It goes along with an outcome and with each other.

    /// <summary>The answer comes <c>seconds</c> (5) late. On a webhook: the delivery does.</summary>
    Delay,

    /// <summary>A list shows each item as it was up to <c>seconds</c> (30) ago, and <c>flap</c> hides it now and then.</summary>
    Lag,

    /// <summary>NaN and the infinities are bare, which is not JSON. Also on a webhook.</summary>
    BareNaN,

    /// <summary>The answer has one of the other forms that the contract assumes.</summary>
    Vary,

    // Sessions.

    /// <summary>It fails instead of running.</summary>
    FailToStart,

    /// <summary>It stays in provisioning until it is stopped or its plan ends it.</summary>
    StayProvisioning,

    /// <summary>It is not created: <c>status</c> 503, code <c>no_capacity</c>.</summary>
    NoCapacity,

    /// <summary>It fails <c>seconds</c> (60) after it has started.</summary>
    Die,

    /// <summary>It is stopping for <c>seconds</c> (600).</summary>
    HangStopping,

    // Webhooks.

    /// <summary>The message is delivered twice.</summary>
    Duplicate,

    /// <summary>The message is delivered <c>seconds</c> (5) late, after those that follow it.</summary>
    Reorder,

    /// <summary>The message is not delivered.</summary>
    Lose,

    /// <summary>The signature is wrong.</summary>
    BadSignature,
}

/// <summary>What effects go with what.</summary>
internal static class FaultEffects
{
    private static readonly FaultEffect[] _request =
    [
        FaultEffect.CutAfter, FaultEffect.StatusAfter, FaultEffect.LandLate, FaultEffect.CutBefore, FaultEffect.Status, FaultEffect.Throttle,
        FaultEffect.Html, FaultEffect.RevokeKey, FaultEffect.Empty, FaultEffect.Malformed, FaultEffect.CutBody, FaultEffect.Stall,
        FaultEffect.Trickle, FaultEffect.Corrupt, FaultEffect.Delay, FaultEffect.Lag, FaultEffect.BareNaN, FaultEffect.Vary,
    ];

    private static readonly FaultEffect[] _storage =
    [
        FaultEffect.CutBefore, FaultEffect.Status, FaultEffect.Throttle, FaultEffect.Html, FaultEffect.CutBody, FaultEffect.Stall,
        FaultEffect.Trickle, FaultEffect.Corrupt, FaultEffect.IgnoreRange, FaultEffect.Expire, FaultEffect.Delay,
    ];

    private static readonly FaultEffect[] _session =
        [FaultEffect.FailToStart, FaultEffect.StayProvisioning, FaultEffect.NoCapacity, FaultEffect.Die, FaultEffect.HangStopping];

    private static readonly FaultEffect[] _webhook =
    [
        FaultEffect.Duplicate, FaultEffect.Reorder, FaultEffect.Lose, FaultEffect.BadSignature, FaultEffect.Delay, FaultEffect.Corrupt,
        FaultEffect.BareNaN,
    ];

    public static IReadOnlyList<FaultEffect> For(FaultSubject subject) => subject switch
    {
        FaultSubject.Request => _request,
        FaultSubject.Storage => _storage,
        FaultSubject.Session => _session,
        _ => _webhook,
    };

    /// <summary>Whether the effect goes along with others; of the rest, a request has one.</summary>
    public static bool IsView(this FaultEffect effect) =>
        effect is FaultEffect.Delay or FaultEffect.Lag or FaultEffect.BareNaN or FaultEffect.Vary;

    /// <summary>The effect of this name, without regard to case, '_' and '-'.</summary>
    public static FaultEffect? Find(string name)
    {
        var plain = name.Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);
        return Enum.GetNames<FaultEffect>().FirstOrDefault(known => known.Equals(plain, StringComparison.OrdinalIgnoreCase)) is { } found
            ? Enum.Parse<FaultEffect>(found)
            : null;
    }
}
