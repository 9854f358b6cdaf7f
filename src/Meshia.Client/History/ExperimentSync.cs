using System.Net;

namespace Meshia;

/// <summary>Brings an archive up to date with the service, session by session.</summary>
internal sealed class ExperimentSync(Transport transport, string folder, SyncOptions options, CallOptions? call)
{
    /// <summary>After so many experiments that were fetched one by one, what there is of a session is written.</summary>
    private const int FetchesPerWrite = 25;

    /// <summary>An experiment that still has not ended so long after its session has will not end.</summary>
    private static readonly TimeSpan _longestEnd = TimeSpan.FromDays(1);

    private readonly ExperimentSyncResult _result = new() { Path = folder };
    private ExperimentArchive _archive = null!;

    /// <inheritdoc cref="MeshiaClient.SyncExperimentsAsync"/>
    public async Task<ExperimentSyncResult> RunAsync(CancellationToken cancellationToken)
    {
        var (archive, held) = await ExperimentArchive.OpenToWriteAsync(folder, options.Waiting, cancellationToken).ConfigureAwait(false);
        using (held)
        {
            _archive = archive;
            var sessions = await FindAsync(archive.Sessions.Read().Values.ToDictionary(session => session.SessionId, StringComparer.Ordinal), cancellationToken).ConfigureAwait(false);
            for (var done = 0; done < sessions.Count; done++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                options.Progress?.Invoke(new(done, sessions.Count, sessions[done].Id));
                try
                {
                    await SyncAsync(sessions[done], cancellationToken).ConfigureAwait(false);
                }
                catch (Exception failure) when (failure is MeshiaException { Refusal: not MeshiaRefusal.InvalidKey } or ArgumentException or IOException or UnauthorizedAccessException)
                {
                    Fail(sessions[done].Id, failure);
                }
            }

            archive.Sessions.Compact();
        }

        return _result;
    }

    /// <summary>The sessions to look at: those of the user; or those of the service, and those of the archive that the service may have forgotten.</summary>
    private async Task<List<Target>> FindAsync(Dictionary<string, SessionProgress> known, CancellationToken cancellationToken)
    {
        if (options.SessionIds is { } ids)
        {
            foreach (var id in ids)
                ApiPath.Segment(id, "SessionId");
            return [.. ids.Distinct(StringComparer.Ordinal).Select(id => known.TryGetValue(id, out var before) ? new Target(id, before, before.IsOver, false, before.CreatedAt) : new(id, null, false, false, null))];
        }

        var found = new List<Target>();
        var completeness = new ListCompleteness();
        await foreach (var session in new ListReader(transport).ReadAsync(SessionRequests.List(), CallFor(completeness), cancellationToken).ConfigureAwait(false))
        {
            var before = known.TryGetValue(session.Id, out var progress) ? progress : null;
            var isPast = session.StoppedAt is { } stopped && transport.Options.TimeProvider.GetUtcNow() - stopped > _longestEnd;
            found.Add(new(session.Id, before, before?.IsOver == true || EndState.IsOver(session), isPast, session.CreatedAt));
            known.Remove(session.Id);
        }

        FailIfShort("sessions", completeness);
        return [.. found, .. known.Values.Select(before => new Target(before.SessionId, before, before.IsOver, false, before.CreatedAt))];
    }

    private async Task SyncAsync(Target session, CancellationToken cancellationToken)
    {
        if (session.Before is { IsDone: true } before && !options.Force && (_archive.LengthOf(session.Id) ?? 0) == before.Bytes)
            _result.Kept += before.Experiments;
        else
            await LookAtAsync(session, cancellationToken).ConfigureAwait(false);
        if (options.Artifact is not null)
            await SaveArtifactsAsync(session.Id, cancellationToken).ConfigureAwait(false);
    }

    private async Task LookAtAsync(Target session, CancellationToken cancellationToken)
    {
        _result.Sessions++;
        var (listed, completeness, isForgotten) = (new List<ArchivedExperiment>(), new ListCompleteness(), false);
        MeshiaException? failure = null;
        try
        {
            var list = new ApiList<ArchivedExperiment>(ExperimentRequests.List(session.Id).Path, ContractNames.Experiments, ArchivedExperiment.FromItem) { KeepsSource = true };
            await foreach (var item in new ListReader(transport).ReadAsync(list, CallFor(completeness), cancellationToken).ConfigureAwait(false))
                listed.Add(item);
        }
        catch (MeshiaException gone) when (gone.StatusCode == HttpStatusCode.NotFound && session.Before is not null)
        {
            // The service has forgotten the session, and its experiments with it.
            isForgotten = true;
        }
        catch (MeshiaException broken)
        {
            // What came before it is kept.
            failure = broken;
        }

        FailIfShort(session.Id, completeness);
        var isComplete = failure is null && completeness.IsComplete;
        if (isComplete || listed.Count > 0)
            await MergeAsync(session with { IsOver = session.IsOver || isForgotten }, listed, isComplete, cancellationToken).ConfigureAwait(false);
        if (failure is not null)
            throw failure;
    }

    /// <summary>Puts what the service lists beside what the archive has, and writes the session's file where that changes it.</summary>
    private async Task MergeAsync(Target session, List<ArchivedExperiment> listed, bool isComplete, CancellationToken cancellationToken)
    {
        var now = transport.Options.TimeProvider.GetUtcNow();
        var isChanged = false;
        var old = _archive.ReadSession(session.Id, reason =>
        {
            isChanged = true;
            options.Warned?.Invoke(reason);
        }).ToDictionary(experiment => experiment.Id, StringComparer.Ordinal);
        // A list that leaves configuration or metrics out does so for all of its experiments.
        var holdsEnough = listed.Exists(item => item.HasConfig) && listed.Exists(item => item.HasMetrics);
        var (merged, fetched) = (new List<ArchivedExperiment>(listed.Count), 0);
        foreach (var item in listed)
        {
            var known = old.TryGetValue(item.Id, out var archived) ? archived : null;
            old.Remove(item.Id);
            if (known is { IsFinal: true, GoneAt: null } && !options.Force)
            {
                merged.Add(known);
                _result.Kept++;
                continue;
            }

            var current = item with { SessionId = session.Id, SeenAt = now };
            if (!holdsEnough && EndState.IsOver(item.Experiment))
            {
                current = await FetchAsync(current, cancellationToken).ConfigureAwait(false);
                fetched++;
            }

            var isSame = known is { GoneAt: null } && known.IsPartial == current.IsPartial && known.Json.Span.SequenceEqual(current.Json.Span);
            merged.Add(isSame ? known! : current);
            _result.New += known is null ? 1 : 0;
            _result.Updated += known is not null && !isSame ? 1 : 0;
            _result.Kept += isSame ? 1 : 0;
            isChanged |= !isSame;
            if (fetched > 0 && fetched % FetchesPerWrite == 0)
                _archive.WriteSession(session.Id, merged.Concat(old.Values));
        }

        foreach (var missing in old.Values)
        {
            var isNewlyGone = isComplete && missing.GoneAt is null;
            merged.Add(isNewlyGone ? missing with { GoneAt = now } : missing);
            _result.Gone += isNewlyGone ? 1 : 0;
            _result.Kept += isNewlyGone ? 0 : 1;
            isChanged |= isNewlyGone;
        }

        var length = isChanged ? _archive.WriteSession(session.Id, merged) : _archive.LengthOf(session.Id) ?? 0;
        var isDone = isComplete && session.IsOver && merged.TrueForAll(experiment => experiment.GoneAt is not null || experiment.IsFinal || (session.IsPast && !experiment.IsPartial));
        _archive.Sessions.Add(new(session.Id, session.IsOver, isDone, merged.Count, length, session.CreatedAt));
    }

    /// <summary>Gets an experiment with what the list leaves out. Where that fails, the archive keeps what the list says, and the next sync tries again.</summary>
    private async Task<ArchivedExperiment> FetchAsync(ArchivedExperiment listed, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await transport.SendAsync(transport.Request(HttpMethod.Get, $"experiments/{ApiPath.Segment(listed.Id, "id")}"), call, cancellationToken).ConfigureAwait(false);
            await ApiResponse.ReadAsync(response, Experiment.From).ConfigureAwait(false);
            var whole = ArchivedExperiment.FromAnswer(await response.Content.ReadAsByteArrayAsync().ConfigureAwait(false));
            // The service may know it by another id too; the archive has it under the one of the list.
            return whole.Id == listed.Id ? whole with { SessionId = listed.SessionId, SeenAt = listed.SeenAt } : listed;
        }
        catch (MeshiaException failure) when (failure.Refusal != MeshiaRefusal.InvalidKey)
        {
            Fail(listed.Id, failure);
            return listed with { IsPartial = true };
        }
    }

    private async Task SaveArtifactsAsync(string sessionId, CancellationToken cancellationToken)
    {
        foreach (var experiment in _archive.Read([sessionId]).Where(experiment => experiment.GoneAt is null && EndState.IsOver(experiment)).ToList())
        {
            var artifacts = experiment.Artifacts.ToList();
            if (artifacts.Exists(artifact => artifact.Name is null))
            {
                artifacts.Clear();
                var list = new ApiList<Artifact>($"experiments/{ApiPath.Segment(experiment.Id, "id")}/artifacts", ContractNames.Artifacts, item => Artifact.From(item, experiment.Id));
                await foreach (var artifact in new ListReader(transport).ReadAsync(list, call, cancellationToken).ConfigureAwait(false))
                    artifacts.Add(artifact);
            }

            var folder = _archive.ArtifactFolder(experiment.Id);
            var manifest = FolderManifest.Read(folder);
            foreach (var artifact in artifacts.Where(artifact => options.Artifact!(artifact.Name ?? artifact.Id)))
                await SaveAsync(artifact, manifest, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task SaveAsync(Artifact artifact, FolderManifest manifest, CancellationToken cancellationToken)
    {
        var path = manifest.PathFor(artifact, keepFolders: true);
        if (File.Exists(path))
            return;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await new ArtifactSaving(transport, artifact, path, new() { Manifest = manifest }, call).RunAsync(cancellationToken).ConfigureAwait(false);
            _result.Artifacts++;
        }
        catch (MeshiaException failure) when (failure.Refusal != MeshiaRefusal.InvalidKey)
        {
            Fail(artifact.Id, failure);
        }
    }

    private CallOptions CallFor(ListCompleteness completeness) => new(call)
    {
        ItemFailed = call?.ItemFailed,
        MaxRetries = call?.MaxRetries,
        Pace = call?.Pace,
        Timeout = call?.Timeout,
        Completeness = completeness,
    };

    private void FailIfShort(string what, ListCompleteness list)
    {
        if (!list.IsComplete)
            Fail(what, new MeshiaException(MeshiaFailure.InvalidAnswer, ListCompleteness.ErrorId, $"The list of {what} is not complete. {list.Reasons[0]:long} Run the command again.", null));
    }

    private void Fail(string what, Exception failure)
    {
        _result.Failed++;
        options.Failed?.Invoke(what, failure);
    }

    /// <summary>A session to look at.</summary>
    /// <param name="Id">Its id.</param>
    /// <param name="Before">How far the archive was with it; null if it is new.</param>
    /// <param name="IsOver">Whether it has ended.</param>
    /// <param name="IsPast">Whether it ended so long ago that its experiments do not change either.</param>
    /// <param name="CreatedAt">When it was created.</param>
    private sealed record Target(string Id, SessionProgress? Before, bool IsOver, bool IsPast, DateTimeOffset? CreatedAt);
}
