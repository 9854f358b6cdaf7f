namespace Meshia;

/// <summary>Another process, or another part of this one, has a file open for itself.</summary>
internal sealed class FileInUseException(string path, Exception? cause = null) : IOException($"Another process is using '{path}'.", cause);
