namespace Meshia;

/// <summary>How one attempt of a call ended.</summary>
/// <param name="Response">The answer; null if there was none.</param>
/// <param name="Failure">Why there was no answer.</param>
internal readonly record struct Attempt(HttpResponseMessage? Response, Exception? Failure);
